import { readFile } from 'node:fs/promises';
import type { EarRef, ModelRef, VoiceRef } from '../agent.ts';
import type { Transcriber } from '../actors/transcriber.ts';
import { createCartesia, type CartesiaVoice } from '../adapters/cartesia/voice.ts';
import { createFlux } from '../adapters/deepgram/flux.ts';
import { createNova } from '../adapters/deepgram/nova.ts';
import { createOpenAi, type OpenAiModel } from '../adapters/openai/reply-model.ts';
import { createOpenAiTranscriber, type OpenAiTranscriber } from '../adapters/openai/transcriber.ts';
import { createOpenAiVoice, type OpenAiVoice } from '../adapters/openai/voice.ts';
import type { Threw } from '../adapters/shielded.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets, VendorName } from '../config.ts';
import type { Secret } from '../secret.ts';

/** What is needed to reach any vendor. */
export interface Vendors {
  readonly config: Config['vendors'];
  readonly secrets: Secrets['vendors'];
  readonly clock: Clock;
  /** Told when a call's receiver of facts threw. */
  readonly threw: Threw;
}

const homes = {
  deepgram: 'https://api.deepgram.com',
  openai: 'https://api.openai.com/v1',
  groq: 'https://api.groq.com/openai/v1',
  cartesia: 'https://api.cartesia.ai',
} as const satisfies Record<VendorName, string>;

/** Which vendors an agent's definition needs keys for. */
export const vendorsOf = (agent: {
  ears: readonly EarRef[];
  model: readonly ModelRef[];
  voice: readonly VoiceRef[];
}): VendorName[] => [
  ...agent.ears.map(({ kind }) => vendorOf(kind)),
  ...agent.model.map(({ kind }) => kind),
  ...agent.voice.map(({ kind }) => kind),
];

/** Holds connections of its own, to be warmed and closed. */
export const isDictated = (ear: Transcriber | OpenAiTranscriber): ear is OpenAiTranscriber => 'warm' in ear;

/** Whose an ear is. */
export const vendorOf = (kind: EarRef['kind']): Exclude<VendorName, 'cartesia'> =>
  kind === 'flux' || kind === 'nova' ? 'deepgram' : kind;

function keyOf({ secrets }: Vendors, vendor: VendorName): Secret {
  const secret = secrets[vendor];
  if (!secret) throw new Error(`no key for ${vendor}`);
  return secret;
}

/** Where a vendor is: of the settings, else its own address. */
export const homeOf = ({ config }: Pick<Vendors, 'config'>, vendor: VendorName): string =>
  config[vendor].baseUrl ?? homes[vendor];

export function earOf(ref: EarRef, vendors: Vendors): Transcriber | OpenAiTranscriber {
  if (ref.kind === 'openai' || ref.kind === 'groq')
    return createOpenAiTranscriber({
      name: ref.kind,
      provider: ref.kind,
      apiKey: keyOf(vendors, ref.kind),
      baseUrl: homeOf(vendors, ref.kind),
      model: ref.model,
      clock: vendors.clock,
      threw: vendors.threw,
    });
  const base = homeOf(vendors, 'deepgram');
  const options = {
    apiKey: keyOf(vendors, 'deepgram'),
    wsUrl: base.replace(/^http/, 'ws'),
    httpUrl: base.replace(/^ws/, 'http'),
    clock: vendors.clock,
    threw: vendors.threw,
    ...(ref.model === undefined ? {} : { model: ref.model }),
  };
  return ref.kind === 'flux' ? createFlux(options) : createNova(options);
}

export const modelOf = (ref: ModelRef, vendors: Vendors): OpenAiModel =>
  createOpenAi({
    name: ref.kind,
    provider: ref.kind,
    apiKey: keyOf(vendors, ref.kind),
    baseUrl: homeOf(vendors, ref.kind),
    model: ref.model,
    threw: vendors.threw,
  });

export async function voiceOf(ref: VoiceRef, vendors: Vendors): Promise<CartesiaVoice | OpenAiVoice> {
  if (ref.kind === 'openai')
    return createOpenAiVoice({
      apiKey: keyOf(vendors, 'openai'),
      baseUrl: homeOf(vendors, 'openai'),
      voice: ref.model,
      clock: vendors.clock,
      threw: vendors.threw,
    });
  const { caFile } = vendors.config.cartesia;
  return createCartesia({
    apiKey: keyOf(vendors, 'cartesia'),
    baseUrl: homeOf(vendors, 'cartesia'),
    voiceId: ref.voiceId,
    clock: vendors.clock,
    threw: vendors.threw,
    ...(ref.model === undefined ? {} : { modelId: ref.model }),
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }),
  });
}
