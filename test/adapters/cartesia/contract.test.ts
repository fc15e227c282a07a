import { setTimeout as delay } from 'node:timers/promises';
import { createCartesiaEmulator } from '../../../emulators/cartesia/emulator.ts';
import { createCartesia } from '../../../src/adapters/cartesia/voice.ts';
import { failureOf } from '../../../src/adapters/classify.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { voiceContract, type VoiceBed, type VoiceProblem } from '../../support/contracts/voice.ts';
import { createFakeVoice, type VoiceTrouble } from '../../support/fakes/fake-voice.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

expectNoUnhandledRejections();

const lost = failureOf('network', { vendor: 'fake', phase: 'stream', message: 'lost' });
const troubles: Record<VoiceProblem, VoiceTrouble> = {
  refused: { failure: lost },
  cut: { failure: lost, failAfter: 3 },
  stalled: { stallAfter: 3 },
};

async function openFake(): Promise<VoiceBed> {
  const clock = createVirtualClock();
  const thrown: unknown[] = [];
  let trouble: VoiceTrouble | undefined;
  return {
    thrown,
    voice: createFakeVoice({ clock, tones: true, trouble: () => trouble, threw: (error) => thrown.push(error) }),
    trouble: (problem) => void (trouble = troubles[problem]),
    pass: (ms) => clock.advance(ms),
    close: async () => {},
  };
}

const faults: Record<VoiceProblem, object> = {
  refused: { kind: 'error', body: { status_code: 500, error_code: 'internal_error' } },
  cut: { kind: 'reset', after: 3 },
  stalled: { kind: 'stall', after: 3 },
};

async function openOnEmulator(): Promise<VoiceBed> {
  const emulator = await createCartesiaEmulator({ settings: { firstAudioMs: 20, realTimeFactor: 20 } });
  const thrown: unknown[] = [];
  const voice = createCartesia({
    apiKey: new Secret(emulator.keys[0]!),
    baseUrl: emulator.url,
    ca: emulator.ca,
    voiceId: 'a0e99841-438c-4a64-b679-ae501e7d6091',
    clock: systemClock,
    threw: (error) => thrown.push(error),
  });
  return {
    thrown,
    voice,
    trouble: (problem) => emulator.faults.add({ ...faults[problem], times: 1 }),
    pass: (ms) => delay(ms),
    async close() {
      voice.close();
      await emulator.close();
    },
  };
}

voiceContract('the fake voice', openFake);
voiceContract('Cartesia', openOnEmulator);
