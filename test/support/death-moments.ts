import { expect } from 'vitest';
import type { Rule, WireMessage } from '../../emulators/openai/script.ts';
import { greeted } from './call-ask.ts';
import { entersState, isEnd, isEvent } from './call-story.ts';
import type { Instances, MortalCall } from './instances.ts';
import { resumptionOf } from './resumption.ts';
import { hears, tale } from './two-instances.ts';

/** What the model says that leads there. */
export const deathRules: readonly Rule[] = [
  { user: 'number', text: 'Type four keys.', tools: [{ name: 'collect_digits', input: { max: 4 } }] },
  { user: 'keys: 4711', text: 'Found you.' },
  { user: 'that is all', text: 'Farewell then, until we meet once more.', tools: [{ name: 'end_call', input: {} }] },
  { tool: 'transfer_call', text: 'The desk is not open.' },
  { user: 'hold on', text: 'Said to nobody.' },
];

/** What the model was told of the call when it was last asked about breakfast. */
function told(world: Instances): readonly WireMessage[] {
  const asked = world.emulators.openai.journal.entries({ type: 'completion.asked' });
  const bodies = asked.map(({ body }) => body as { messages: readonly WireMessage[] });
  return bodies.findLast(({ messages }) => messages.at(-1)?.content?.includes('breakfast'))?.messages ?? [];
}

/** The caller is understood, and answered; what was said before is known. */
async function goesOn(world: Instances, call: MortalCall, before: readonly string[]): Promise<void> {
  await call.phone.sayWords('and what about breakfast');
  await hears(call, 'Seven');
  // Each may come after a filler.
  const lines = told(world).map(({ content }) => content);
  expect(before.filter((text) => !lines.some((line) => line?.includes(text)))).toEqual([]);
  expect(call.entries().some(isEnd)).toBe(false);
}

/** Nothing of the sentence that was being said is lost, and at most two words of it come twice. */
function expectWhole(call: MortalCall, sentence: string, killedAt: number): void {
  const words = sentence.split(' ');
  const heard = call.phone.heard();
  const from = heard.findIndex(({ text }) => text === words[0]);
  const to = heard.findLastIndex(({ text }) => text === words.at(-1));
  const { repeated, lost } = resumptionOf(sentence, heard.slice(from, to + 1), killedAt);
  expect(lost).toEqual([]);
  expect(repeated).toBeLessThanOrEqual(2);
}

const command = async (world: Instances, call: MortalCall, body: object) => {
  const { api, access } = (await world.ownerOf(call.callKey))!;
  const url = `${api}/v1/calls/${encodeURIComponent(call.callKey)}/commands`;
  const headers = { ...access.headers, 'content-type': 'application/json' };
  expect((await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status).toBe(202);
};

interface DeathMoment {
  /** In it the owner is killed. */
  readonly state: string;
  /** Resolves when the call is there. */
  readonly comes: (call: MortalCall, world: Instances) => Promise<unknown>;
  /** What is to follow the death. */
  readonly follows: (call: MortalCall, world: Instances, killedAt: number) => Promise<unknown>;
}

const comesBy = (words: string, state: string) => async (call: MortalCall) => {
  await greeted(call);
  const there = call.until(entersState(state));
  void call.phone.sayWords(words);
  await there;
};
const isTold = async (call: MortalCall) => {
  await greeted(call);
  await call.phone.sayWords('tell me more');
  await hears(call, 'lake');
};

const greeting = 'How can I help?';

/** Said while nobody listened: the caller is asked for it. */
const asksAgain = async (call: MortalCall, world: Instances) => {
  await hears(call, 'again?');
  await goesOn(world, call, [greeting]);
};

/** Each state of the conversation in which an owner may die, and what the next one is to make of it. */
export const deathMoments: readonly DeathMoment[] = [
  {
    state: 'disclosing',
    comes: (call) => hears(call, 'am'),
    follows: async (call, world, killedAt) => {
      await hears(call, 'help?');
      expectWhole(call, 'an AI.', killedAt);
      await goesOn(world, call, []);
    },
  },
  {
    state: 'greeting',
    comes: (call) => hears(call, 'How'),
    follows: async (call, world, killedAt) => {
      await hears(call, 'help?');
      expectWhole(call, greeting, killedAt);
      await goesOn(world, call, ['I am an AI.']);
    },
  },
  {
    state: 'quiet',
    comes: greeted,
    follows: async (call, world) => {
      await call.phone.sayWords('and what about breakfast');
      await asksAgain(call, world);
    },
  },
  {
    state: 'callerTalking',
    comes: comesBy('tell me more of all those rooms that you have up there', 'callerTalking'),
    follows: async (call, world) => {
      await call.phone.when('heard.word', ({ text }) => ['again?', 'hills.'].includes(text));
      await goesOn(world, call, [greeting]);
    },
  },
  {
    state: 'settling',
    comes: comesBy('tell me more', 'settling'),
    follows: async (call, world) => {
      await call.phone.when('heard.word', ({ text }) => ['again?', 'hills.'].includes(text));
      await goesOn(world, call, [greeting]);
    },
  },
  {
    state: 'thinking',
    comes: comesBy('tell me more', 'replying'),
    follows: async (call, world, killedAt) => {
      await hears(call, 'hills.');
      expectWhole(call, tale, killedAt);
      await goesOn(world, call, [greeting, 'tell me more', tale]);
    },
  },
  {
    state: 'bargeIn',
    comes: async (call) => {
      await isTold(call);
      const there = call.until(entersState('bargeIn'));
      void call.phone.sayWords('no wait that was not quite what I wanted');
      await there;
    },
    follows: async (call, world) => {
      await hears(call, 'hills.');
      await goesOn(world, call, [greeting, 'tell me more']);
    },
  },
  {
    state: 'collectingDigits',
    comes: async (call) => {
      await comesBy('my number', 'collectingDigits')(call);
      await call.phone.sendDigits('47');
      let typed = 0;
      await call.until((entry) => isEvent('caller.digit')(entry) && (typed += 1) === 2);
    },
    follows: async (call, world, killedAt) => {
      const isAgain = (word: { text: string; startMs: number }) => word.text === 'keys.' && word.startMs > killedAt;
      await call.phone.when('heard.word', isAgain);
      await call.phone.sendDigits('4711');
      await hears(call, 'Found');
      await goesOn(world, call, [greeting, 'my number', 'Type four keys.', '[keys: 4711]', 'Found you.']);
    },
  },
  {
    state: 'away',
    comes: comesBy('hold on a second', 'away'),
    follows: async (call, world) => {
      await call.until((entry) => entry.kind === 'call' && entry.data.what === 'restored');
      await call.phone.when('voice.joined', ({ identity }) => identity.endsWith('-2'));
      await goesOn(world, call, [greeting]);
      expect(call.phone.heard().map(({ text }) => text)).not.toContain('nobody.');
    },
  },
  {
    state: 'a nudge',
    comes: async (call) => {
      await greeted(call);
      await hears(call, 'Are');
    },
    follows: async (call, world, killedAt) => {
      await hears(call, 'there?');
      expectWhole(call, 'Are you still there?', killedAt);
      await goesOn(world, call, [greeting, 'Are you still there?']);
    },
  },
  {
    state: 'announcing',
    comes: async (call, world) => {
      await greeted(call);
      await command(world, call, { type: 'transfer', to: 'frontDesk' });
      await hears(call, 'through.');
    },
    follows: async (call, world, killedAt) => {
      // There is no gateway here: the caller stays, and is told.
      await call.phone.when('heard.word', ({ text }) => text === 'open.', 60_000);
      expectWhole(call, 'putting you through. Please stay on the line.', killedAt);
      await goesOn(world, call, [greeting, 'The desk is not open.']);
    },
  },
  {
    state: 'a goodbye by the model',
    comes: async (call) => {
      await greeted(call);
      await call.phone.sayWords('that is all');
      await hears(call, 'until');
    },
    follows: async (call, _world, killedAt) => {
      await call.phone.when('ended');
      expectWhole(call, 'Farewell then, until we meet once more.', killedAt);
      expect((await call.until(isEnd)).data['why']).toBe('agent said goodbye');
    },
  },
  {
    state: 'the last word',
    comes: comesBy('that is all', 'lastWord'),
    follows: async (call) => {
      await call.phone.when('ended');
      expect((await call.until(isEnd)).data['why']).toBe('agent said goodbye');
    },
  },
  {
    state: 'a goodbye by an operator',
    comes: async (call, world) => {
      await greeted(call);
      await command(world, call, { type: 'hang_up' });
      await hears(call, 'you');
    },
    follows: async (call) => {
      await call.phone.when('ended');
      expect((await call.until(isEnd)).data['why']).toBe('hung up by operator');
    },
  },
];
