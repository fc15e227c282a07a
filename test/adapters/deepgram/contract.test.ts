import { expect } from 'vitest';
import type { Journal } from '../../../emulators/kit/journal.ts';
import { createFlux } from '../../../src/adapters/deepgram/flux.ts';
import { createNova } from '../../../src/adapters/deepgram/nova.ts';
import { systemClock } from '../../../src/clock.ts';
import { transcriberContract, type TranscriberUnderTest } from '../../support/contracts/transcriber.ts';
import { createFakeTranscriber } from '../../support/fakes/fake-transcriber.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { spoken, startDeepgram, write } from './world.ts';

expectNoUnhandledRejections();

async function emulated(create: Parameters<typeof startDeepgram>[0]): Promise<TranscriberUnderTest> {
  const thrown: unknown[] = [];
  const threw = (error: unknown) => thrown.push(error);
  const { emulator, transcriber } = await startDeepgram(create, { adapter: { threw } });
  const { faults, journal } = emulator;
  const count = (type: string) => journal.entries({ type }).length;
  return {
    thrown,
    transcriber,
    say: (session, text) => write(session, spoken(text)),
    break: () => emulator.strikeOpen({ kind: 'reset' }),
    refuse: () => faults.add({ kind: 'status', status: 401, times: 1 }),
    hang() {
      faults.add({ kind: 'hang', at: 'connect', times: 1 });
      return () => journal.waitFor(({ type }) => type === 'fault.applied');
    },
    async gone() {
      if (count('connection.opened') === count('connection.closed')) return;
      await journal.waitFor(() => count('connection.opened') === count('connection.closed'));
    },
    async close() {
      await emulator.close();
      const asked = journal.entries({ type: 'stream.asked' });
      // A session that hears words, breaks or is refused was on the emulator's wire, never on the vendor's.
      expect(asked.every(({ authorization }) => authorization === 'Token')).toBe(true);
      expect(asked.length > 0 || faultsOnly(journal)).toBe(true);
    },
  };
}

const faultsOnly = ({ entries }: Journal) =>
  entries({ type: 'connection.opened' }).length === entries({ type: 'fault.applied' }).length;

async function faked(decidesTurns: boolean): Promise<TranscriberUnderTest> {
  const thrown: unknown[] = [];
  const threw = (error: unknown) => thrown.push(error);
  const transcriber = createFakeTranscriber({ clock: systemClock, decidesTurns, threw });
  const failure = { vendor: 'fake', phase: 'stream', message: 'made to fail' } as const;
  return {
    thrown,
    transcriber,
    say(session, text) {
      write(session, spoken(text, { beforeMs: 0, afterMs: 0 }));
      transcriber.latest.hears(text);
    },
    break: () => transcriber.latest.fail({ ...failure, class: 'network', retryable: true }),
    refuse: () => transcriber.next({ ...failure, class: 'auth', retryable: false }),
    hang() {
      transcriber.next('hangs');
      return async () => {};
    },
    gone: async () => {},
    close: async () => {},
  };
}

transcriberContract('Deepgram Nova', () => emulated(createNova));
transcriberContract('Deepgram Flux', () => emulated(createFlux));
transcriberContract('a fake that does not decide turns', () => faked(false));
transcriberContract('a fake that decides turns', () => faked(true));
