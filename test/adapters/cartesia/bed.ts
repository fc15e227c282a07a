import { onTestFinished } from 'vitest';
import { createCartesiaEmulator, type CartesiaEmulator } from '../../../emulators/cartesia/emulator.ts';
import type { CartesiaSettings } from '../../../emulators/cartesia/settings.ts';
import { createCartesia, type CartesiaOptions, type CartesiaVoice } from '../../../src/adapters/cartesia/voice.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';

export interface Bed {
  readonly emulator: CartesiaEmulator;
  readonly voice: CartesiaVoice;
  /** Sockets that were asked for, opened or not. */
  sockets(): number;
  /** What the emulator got, of one kind. */
  messages(): Record<string, unknown>[];
}

/** The adapter on the emulator, both closed when the test ends. */
export async function openBed(
  options: Partial<CartesiaOptions> = {},
  settings: Partial<CartesiaSettings> = {},
): Promise<Bed> {
  const emulator = await createCartesiaEmulator({ settings: { firstAudioMs: 10, realTimeFactor: 50, ...settings } });
  const voice = createCartesia({
    apiKey: new Secret(emulator.keys[0]!),
    baseUrl: emulator.url,
    ca: emulator.ca,
    voiceId: 'a0e99841-438c-4a64-b679-ae501e7d6091',
    clock: systemClock,
    ...options,
  });
  onTestFinished(async () => {
    voice.close();
    await emulator.close();
  });
  return {
    emulator,
    voice,
    sockets: () => emulator.journal.entries({ type: 'socket.asked' }).length,
    messages: () =>
      emulator.journal.entries({ type: 'message.received' }).map(({ message }) => message as Record<string, unknown>),
  };
}
