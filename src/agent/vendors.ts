/** References to vendors: plain data. Clients are made of them in `wiring`, with keys from the environment. */
export interface FluxRef {
  readonly kind: 'flux';
  /** Left out: the adapter chooses by the agent's languages. */
  readonly model?: string;
  /** Names and words the transcriber should know. */
  readonly terms?: readonly string[];
}

export interface NovaRef {
  readonly kind: 'nova';
  readonly model?: string;
  readonly terms?: readonly string[];
}

/** `model` is a chat model among models, one that transcribes among ears, and the name of a voice among voices. */
export interface OpenAiRef {
  readonly kind: 'openai';
  readonly model: string;
}

export interface GroqRef {
  readonly kind: 'groq';
  readonly model: string;
}

export interface CartesiaRef {
  readonly kind: 'cartesia';
  readonly voiceId: string;
  readonly model?: string;
}

export type EarRef = FluxRef | NovaRef | OpenAiRef | GroqRef;
export type ModelRef = OpenAiRef | GroqRef;
export type VoiceRef = CartesiaRef | OpenAiRef;

type Options<Ref> = Omit<Ref, 'kind'>;

/** Deepgram Flux: decides itself when the caller's turn has ended. */
export const flux = (options: Options<FluxRef> = {}): FluxRef => ({ kind: 'flux', ...options });

/** Deepgram Nova: transcribes; when a turn has ended is decided by text and quiet. */
export const nova = (options: Options<NovaRef> = {}): NovaRef => ({ kind: 'nova', ...options });

/**
 * A chat model of OpenAI, such as `gpt-5.4-mini`; in the list of voices a voice, such as `alloy`; in that of ears, as a backup,
 * a model that transcribes utterance by utterance, such as `gpt-4o-mini-transcribe`.
 */
export const openai = (model: string): OpenAiRef => ({ kind: 'openai', model });

/** A chat model served by Groq; in the list of ears, as a backup, one that transcribes, such as `whisper-large-v3-turbo`. */
export const groq = (model: string): GroqRef => ({ kind: 'groq', model });

/** A Cartesia voice by its id. */
export const cartesia = (voiceId: string, options: Omit<Options<CartesiaRef>, 'voiceId'> = {}): CartesiaRef => ({
  kind: 'cartesia',
  voiceId,
  ...options,
});

/** Names one of an agent's models or voices: `openai/gpt-5.4-mini`, `cartesia/a0e9…`. */
export const nameOfVendor = (ref: ModelRef | VoiceRef): string =>
  `${ref.kind}/${ref.kind === 'cartesia' ? [ref.voiceId, ref.model].filter(Boolean).join('/') : ref.model}`;
