import { setTimeout as delay } from 'node:timers/promises';
import { createOpenAiEmulator } from '../../../emulators/openai/emulator.ts';
import { createOpenAi } from '../../../src/adapters/openai/reply-model.ts';
import { failureOf } from '../../../src/adapters/classify.ts';
import { Secret } from '../../../src/secret.ts';
import { replyModelContract, type ReplyModelBed, type ScriptedAnswer } from '../../support/contracts/reply-model.ts';
import { createFakeModel } from '../../support/fakes/fake-model.ts';
import { expectNoUnhandledRejections } from '../../support/unhandled.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

expectNoUnhandledRejections();

const silent: (lastText: string) => ScriptedAnswer = () => ({});

async function openFake(): Promise<ReplyModelBed> {
  const clock = createVirtualClock();
  const thrown: unknown[] = [];
  let script = silent;
  const lost = failureOf('network', { vendor: 'fake', phase: 'stream', message: 'lost' });
  const model = createFakeModel({
    clock,
    threw: (error) => thrown.push(error),
    answer({ messages }) {
      const { trouble, ...answer } = script(messages.at(-1)!.text);
      if (trouble === 'stalled') return { ...answer, stallAfter: 2 };
      return trouble ? { ...answer, failure: lost, failAfter: trouble === 'cut' ? 2 : 0 } : answer;
    },
  });
  const pass = (ms: number) => clock.advance(ms);
  return { model, thrown, answer: (given) => void (script = given), pass, close: async () => {} };
}

const faults = {
  refused: { kind: 'status', status: 500 },
  cut: { kind: 'close', after: 2 },
  stalled: { kind: 'stall', after: 2 },
};

async function openOnEmulator(provider: 'openai' | 'groq'): Promise<ReplyModelBed> {
  const emulator = await createOpenAiEmulator({ settings: { firstTokenMs: 20, tokenMs: 3 } });
  const thrown: unknown[] = [];
  const model = createOpenAi({
    name: provider,
    provider,
    apiKey: new Secret(emulator.keys[provider]),
    baseUrl: provider === 'groq' ? emulator.groqUrl : emulator.url,
    model: 'gpt-5.4-mini',
    threw: (error) => thrown.push(error),
  });
  let script = silent;
  emulator.think(({ messages }) => script(messages.at(-1)!.content ?? ''));
  return {
    thrown,
    model: {
      name: provider,
      stream(request, options, report) {
        const { trouble } = script(request.messages.at(-1)!.text);
        if (trouble) emulator.faults.add({ ...faults[trouble], times: 1 });
        model.stream(request, options, report);
      },
    },
    answer: (given) => void (script = given),
    pass: (ms) => delay(ms),
    async close() {
      await emulator.close();
      await model.close();
    },
  };
}

replyModelContract('the fake model', openFake);
replyModelContract('OpenAI', () => openOnEmulator('openai'));
replyModelContract('Groq', () => openOnEmulator('groq'));
