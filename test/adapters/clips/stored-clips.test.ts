import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createToneDecoder } from '../../../emulators/tones/codec.ts';
import type { Clip } from '../../../src/actors/play-clip.ts';
import type { Voice } from '../../../src/actors/voice.ts';
import { failureOf } from '../../../src/adapters/classify.ts';
import { chime } from '../../../src/adapters/clips/chime.ts';
import {
  openStoredClips,
  type StoredClips,
  type StoredClipsOptions,
} from '../../../src/adapters/clips/stored-clips.ts';
import { sampleRateHz } from '../../../src/audio/pcm.ts';
import { createFakeVoice, type FakeVoice, type VoiceTrouble } from '../../support/fakes/fake-voice.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

expectNoUnhandledRejections();

const sorry = 'I am sorry.';
const bye = 'Good bye.';
const lost: VoiceTrouble = { failure: failureOf('network', { vendor: 'fake', phase: 'stream', message: 'lost' }) };

describe('stored phrases', () => {
  let dir: string;
  let clock: VirtualClock;
  let trouble: VoiceTrouble | undefined;
  /** When the voice was first asked: until then the disk takes its time, and the clock goes on. */
  let askedAt: number | undefined;
  let voice: FakeVoice;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'voicechart-clips-'));
    onTestFinished(() => rm(dir, { recursive: true, force: true }));
    clock = createVirtualClock();
    trouble = undefined;
    askedAt = undefined;
    voice = createFakeVoice({ clock, tones: true, trouble: () => ((askedAt ??= clock.now()), trouble) });
  });

  const optionsWith = (changes: Partial<StoredClipsOptions>): StoredClipsOptions => ({
    voices: [{ voice, key: 'ada' }],
    language: 'en',
    texts: [sorry, bye],
    dir,
    clock,
    ...changes,
  });

  /** Lets the voice's time pass until they are ready. */
  async function open(changes: Partial<StoredClipsOptions> = {}, opener = openStoredClips): Promise<StoredClips> {
    return whilePassing(opener(optionsWith(changes)));
  }

  async function whilePassing<Value>(work: Promise<Value>): Promise<Value> {
    const state = { over: false };
    const noted = work.finally(() => (state.over = true));
    noted.catch(() => undefined);
    // oxlint-disable-next-line no-await-in-loop
    while (!state.over) await clock.advance(20);
    return noted;
  }

  const asked = () => voice.utterances.length;
  const files = async () => (await readdir(dir)).sort();

  test('are the voice’s own sound with the places of its words', async () => {
    const clips = await open();
    const clip = clips.find(sorry, 'en');
    expect(clips.missing).toEqual([]);
    expect(heardIn(clip.pcm)).toEqual(['I', 'am', 'sorry.']);
    expect(clip.words.map(({ text }) => text)).toEqual(['I', 'am', 'sorry.']);
    for (const { text, startSample, endSample } of clip.words)
      expect(heardIn(clip.pcm.subarray(Math.max(0, startSample - 80), endSample + 400))).toEqual([text]);
  });

  test('are rendered once: the next start reads the very same from disk and asks no voice', async () => {
    const first = await open();
    expect(asked()).toBe(2);
    const second = await open();
    expect(asked()).toBe(2);
    expect([second.find(sorry, 'en'), second.find(bye, 'en')]).toEqual([
      first.find(sorry, 'en'),
      first.find(bye, 'en'),
    ]);
    expect(await files()).toHaveLength(2);
  });

  test.each([{ key: 'another' }, { language: 'de' }])(
    'are rendered anew for %o',
    async ({ key = 'ada', ...changes }) => {
      await open();
      await open({ voices: [{ voice, key }], ...changes });
      expect(asked()).toBe(4);
      expect(await files()).toHaveLength(4);
    },
  );

  test('are a chime where the voice fails, told as missing and never stored: the next start tries again', async () => {
    trouble = lost;
    const clips = await open();
    expect(clips.missing).toEqual([sorry, bye]);
    expect(clips.find(sorry, 'en')).toEqual({ text: sorry, pcm: chime(), words: [] });
    expect(await files()).toEqual([]);
    trouble = undefined;
    expect((await open()).missing).toEqual([]);
  });

  test('are a chime where the voice falls silent: it is waited for ten seconds, and then told to stop', async () => {
    trouble = { stallAfter: 1 };
    const clips = await open();
    expect(clips.missing).toEqual([sorry, bye]);
    expect(clock.now() - askedAt!).toBeGreaterThanOrEqual(10_000);
    expect(clock.now() - askedAt!).toBeLessThan(11_000);
    expect([voice.open(), clock.pending(), await files()]).toEqual([0, 0, []]);
  });

  test('R10.4 are rendered by the second voice where the first fails, and by the first again at the next start', async () => {
    trouble = lost;
    const second = createFakeVoice({ clock, tones: true });
    const voices = [
      { voice, key: 'ada' },
      { voice: second, key: 'bob' },
    ];
    const clips = await open({ voices });
    expect(clips.missing).toEqual([]);
    expect(heardIn(clips.find(sorry, 'en').pcm)).toEqual(['I', 'am', 'sorry.']);
    expect(second.utterances).toHaveLength(2);
    trouble = undefined;
    const before = asked();
    await open({ voices });
    expect([asked() - before, second.utterances.length]).toEqual([2, 2]);
  });

  test('are a chime where the voice is done without a sound', async () => {
    const mute: Voice = {
      name: 'mute',
      utter: (_options, report) => ({ say: () => undefined, end: () => report({ type: 'voice.done' }) }),
    };
    const clips = await open({ voices: [{ voice: mute, key: 'mute' }] });
    expect(clips.missing).toEqual([sorry, bye]);
    expect(clips.find(bye, 'en').pcm).toEqual(chime());
    expect(await files()).toEqual([]);
  });

  test('a phrase that was never asked for is a chime too', async () => {
    const clips = await open({ texts: [] });
    expect(clips.find('What is this?', 'en')).toEqual({ text: 'What is this?', pcm: chime(), words: [] });
    expect(clips.missing).toEqual([]);
  });

  test.each<[string, (whole: string) => string]>([
    ['is empty', () => ''],
    ['was cut', (whole) => whole.slice(0, whole.length / 2)],
    ['is no JSON', () => 'RIFF'],
    ['has no sound', (whole) => JSON.stringify({ ...JSON.parse(whole), pcm: '' })],
    ['has a sound that cannot be read', (whole) => JSON.stringify({ ...JSON.parse(whole), pcm: '~~~~' })],
    ['has words without places', (whole) => JSON.stringify({ ...JSON.parse(whole), words: [{ text: 'I' }] })],
  ])('a file that %s is rendered anew and replaced', async (_, broken) => {
    const first = await open({ texts: [sorry] });
    const path = join(dir, (await files())[0]!);
    const whole = await readFile(path, 'utf8');
    await writeFile(path, broken(whole));
    const second = await open({ texts: [sorry] });
    expect(asked()).toBe(2);
    expect(second.missing).toEqual([]);
    expect(spokenBy(second.find(sorry, 'en'))).toEqual(spokenBy(first.find(sorry, 'en')));
    expect((await open({ texts: [sorry] })).find(sorry, 'en')).toEqual(second.find(sorry, 'en'));
    expect(asked()).toBe(2);
  });

  test('instances that render the same phrases into one folder at once all get them, and leave whole files', async () => {
    const openers = [await openerOfItsOwn(), await openerOfItsOwn(), await openerOfItsOwn()];
    const all = await whilePassing(Promise.all(openers.map((each) => each(optionsWith({})))));
    for (const clips of all) expect(clips.missing).toEqual([]);
    expect(await files()).toHaveLength(2);
    const rendered = asked();
    expect(heardIn((await open()).find(bye, 'en').pcm)).toEqual(['Good', 'bye.']);
    expect(asked()).toBe(rendered);
  });

  test('a folder that cannot be had is an error that names it', async () => {
    const file = join(dir, 'a-file');
    await writeFile(file, '');
    await expect(open({ dir: file })).rejects.toThrow(file);
  });
});

test('the chime can be heard, and does not overload', () => {
  const pcm = chime();
  const loudest = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  expect(loudest).toBeGreaterThan(3000);
  expect(loudest).toBeLessThan(16_000);
  expect(pcm.length / sampleRateHz).toBeCloseTo(0.36);
});

/** From a module of its own, as another process has. */
async function openerOfItsOwn(): Promise<typeof openStoredClips> {
  vi.resetModules();
  return (await import('../../../src/adapters/clips/stored-clips.ts')).openStoredClips;
}

const spokenBy = ({ text, pcm, words }: Clip) => ({ text, heard: heardIn(pcm), words });

function heardIn(pcm: Int16Array): string[] {
  const decoder = createToneDecoder({ sampleRateHz });
  return [...decoder.push(pcm), ...decoder.flush()].map((event) => (event.type === 'word' ? event.text : '?'));
}
