import { createOpenAiEmulator } from '../../../emulators/openai/emulator.ts';
import { createOpenAiTranscriber } from '../../../src/adapters/openai/transcriber.ts';
import { systemClock } from '../../../src/clock.ts';
import { Secret } from '../../../src/secret.ts';
import { transcriberContract, type TranscriberUnderTest } from '../../support/contracts/transcriber.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { spoken, write } from '../deepgram/world.ts';

expectNoUnhandledRejections();

async function emulated(provider: 'openai' | 'groq', model: string): Promise<TranscriberUnderTest> {
  const thrown: unknown[] = [];
  const emulator = await createOpenAiEmulator({ settings: { transcriptionMs: 5 } });
  const transcriber = createOpenAiTranscriber({
    name: provider,
    provider,
    apiKey: new Secret(emulator.keys[provider]),
    baseUrl: provider === 'groq' ? emulator.groqUrl : emulator.url,
    model,
    clock: systemClock,
    threw: (error) => thrown.push(error),
  });
  const { faults, journal } = emulator;
  const entries = (type: string) => journal.entries({ type });
  const nothingUnderWay = () => {
    const closed = new Set(entries('connection.closed').map(({ connection }) => connection));
    return (
      entries('transcription.asked').length === entries('transcription.ended').length &&
      entries('fault.applied').every(({ connection }) => closed.has(connection))
    );
  };
  return {
    thrown,
    transcriber,
    say: (session, text) => write(session, spoken(text)),
    break(session) {
      faults.add({ kind: 'reset', times: 1, path: 'transcriptions' });
      write(session, spoken('never written'));
    },
    refuse: () => faults.add({ kind: 'status', status: 401, times: 1 }),
    hang() {
      faults.add({ kind: 'hang', at: 'connect', times: 1 });
      return () => journal.waitFor(({ type }) => type === 'fault.applied');
    },
    async gone() {
      if (!nothingUnderWay()) await journal.waitFor(nothingUnderWay);
    },
    async close() {
      await emulator.close();
      await transcriber.close();
    },
  };
}

transcriberContract('OpenAI transcription', () => emulated('openai', 'gpt-4o-mini-transcribe'));
transcriberContract('Groq transcription', () => emulated('groq', 'whisper-large-v3-turbo'));
