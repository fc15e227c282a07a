import { createCartesiaEmulator, type CartesiaEmulator, type CartesiaEmulatorOptions } from './cartesia/emulator.ts';
import { createDeepgramEmulator, type DeepgramEmulator } from './deepgram/emulator.ts';
import type { DeepgramSettings } from './deepgram/settings.ts';
import { createOpenAiEmulator, type OpenAiEmulator, type OpenAiEmulatorOptions } from './openai/emulator.ts';

export interface EmulatorsOptions {
  readonly deepgram?: Partial<DeepgramSettings>;
  readonly openai?: OpenAiEmulatorOptions;
  /** Left out: as OpenAI. */
  readonly groq?: OpenAiEmulatorOptions;
  readonly cartesia?: CartesiaEmulatorOptions;
}

/** All vendors at once, and the settings that send an instance to them. */
export interface Emulators {
  readonly deepgram: DeepgramEmulator;
  readonly openai: OpenAiEmulator;
  readonly groq: OpenAiEmulator;
  readonly cartesia: CartesiaEmulator;
  /** Environment of `npm start`. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function startEmulators(options: EmulatorsOptions = {}): Promise<Emulators> {
  const [deepgram, openai, groq, cartesia] = await Promise.all([
    createDeepgramEmulator(options.deepgram ? { settings: options.deepgram } : {}),
    createOpenAiEmulator(options.openai),
    createOpenAiEmulator(options.groq ?? options.openai),
    createCartesiaEmulator(options.cartesia),
  ]);
  return {
    deepgram,
    openai,
    groq,
    cartesia,
    env: {
      DEEPGRAM_API_KEY: deepgram.apiKey,
      DEEPGRAM_BASE_URL: deepgram.httpUrl,
      OPENAI_API_KEY: openai.keys.openai,
      OPENAI_BASE_URL: openai.url,
      GROQ_API_KEY: groq.keys.groq,
      GROQ_BASE_URL: groq.groqUrl,
      CARTESIA_API_KEY: cartesia.keys[0] ?? '',
      CARTESIA_BASE_URL: cartesia.url,
      CARTESIA_CA_FILE: cartesia.caFile,
    },
    close: async () => void (await Promise.all([deepgram.close(), openai.close(), groq.close(), cartesia.close()])),
  };
}
