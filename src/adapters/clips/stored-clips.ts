import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clip, Clips } from '../../actors/play-clip.ts';
import type { Voice } from '../../actors/voice.ts';
import type { Clock } from '../../clock.ts';
import { chime } from './chime.ts';
import { renderClip } from './render.ts';

const renderWithinMs = 10_000;

const stored = z.object({
  text: z.string(),
  pcm: z.base64().min(1),
  words: z.array(z.object({ text: z.string(), startSample: z.int(), endSample: z.int() })),
});

interface ClipVoice {
  readonly voice: Voice;
  /** Names the voice; a changed one has its phrases rendered anew. */
  readonly key: string;
}

export interface StoredClipsOptions {
  /** In order of failover: a phrase that one cannot render is rendered by the next. */
  readonly voices: readonly ClipVoice[];
  readonly language: string;
  readonly texts: readonly string[];
  /** Folder in which rendered phrases are kept. */
  readonly dir: string;
  readonly clock: Clock;
}

export interface StoredClips extends Clips {
  /** Phrases that could not be rendered: a chime stands for them. */
  readonly missing: readonly string[];
}

/** Phrases in the agent's own voices, rendered once and kept on disk, for the moment in which no voice can be had. */
export async function openStoredClips(options: StoredClipsOptions): Promise<StoredClips> {
  await mkdir(options.dir, { recursive: true });
  const entries = await Promise.all(options.texts.map(async (text) => [text, await clipOf(options, text)] as const));
  const clips = new Map(entries.flatMap(([text, clip]) => (clip ? [[text, clip] as const] : [])));
  return {
    find: (text) => clips.get(text) ?? { text, pcm: chime(), words: [] },
    missing: options.texts.filter((text) => !clips.has(text)),
  };
}

async function clipOf(options: StoredClipsOptions, text: string): Promise<Clip | undefined> {
  for (const voice of options.voices) {
    // oxlint-disable-next-line no-await-in-loop -- the next is asked only where this one could not
    const clip = await clipBy(voice, options, text);
    if (clip) return clip;
  }
  return undefined;
}

async function clipBy({ voice, key }: ClipVoice, options: StoredClipsOptions, text: string): Promise<Clip | undefined> {
  const name = createHash('sha256')
    .update(JSON.stringify([key, options.language, text]))
    .digest('hex')
    .slice(0, 24);
  const path = join(options.dir, `${name}.json`);
  const kept = await readClip(path);
  if (kept) return kept;
  const fresh = await rendered(voice, options, text, name);
  if (fresh) await writeClip(path, fresh);
  return fresh;
}

async function rendered(
  voice: Voice,
  { language, clock }: StoredClipsOptions,
  text: string,
  name: string,
): Promise<Clip | undefined> {
  const stop = new AbortController();
  const timer = clock.setTimeout(() => stop.abort(), renderWithinMs);
  const clip = await renderClip(voice, { text, language, id: `clip-${name}` }, stop.signal);
  clock.clearTimeout(timer);
  stop.abort();
  // A phrase without a sound would leave its caller in silence.
  return typeof clip === 'object' && 'pcm' in clip && clip.pcm.length > 0 ? clip : undefined;
}

async function readClip(path: string): Promise<Clip | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  const read = text === undefined ? undefined : stored.safeParse(parsed(text));
  if (!read?.success) return undefined;
  const bytes = Uint8Array.from(Buffer.from(read.data.pcm, 'base64'));
  return { ...read.data, pcm: new Int16Array(bytes.buffer, 0, bytes.length >> 1) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** In a folder of its own first: a reader never sees half a file, and others, of any process, may write the same phrase. */
async function writeClip(path: string, { text, pcm, words }: Clip): Promise<void> {
  const bytes = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
  const folder = await mkdtemp(`${path}.part-`);
  try {
    await writeFile(join(folder, 'whole'), JSON.stringify({ text, pcm: bytes, words }));
    await rename(join(folder, 'whole'), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
