import type { Rule } from '../../emulators/openai/script.ts';
import { crashRule } from './crash.ts';

/** What the demo needs of a telephone, real room or not. */
export interface DemoPhone {
  /** Resolves when the last sound has left the caller's mouth, with that moment (epoch ms). */
  say(text: string): Promise<{ readonly endMs: number }>;
  digits(keys: string): Promise<void>;
  heard(): readonly {
    readonly number: number;
    readonly text: string;
    readonly startMs: number;
    readonly endMs: number;
  }[];
  /** Resolves with the word heard that ends in `text` and came after `count` others; rejects after `withinMs`. */
  hears(
    text: RegExp,
    afterMs: number,
    withinMs?: number,
  ): Promise<{ readonly startMs: number; readonly endMs: number }>;
  /** Epoch ms at which the caller joined the room. */
  readonly joinedMs: number;
  readonly ended: Promise<string>;
  hangUp(): Promise<void>;
}

/** Answers of the emulated model that the scripted call needs besides the receptionist's own. */
export const demoRules: readonly Rule[] = [
  crashRule,
  {
    user: 'booking number|my booking',
    text: 'Please type your booking number and press hash. ',
    tools: [{ name: 'collect_digits', input: { max: 8, terminator: '#' } }],
  },
  { user: 'keys: (\\d+)', text: 'Thank you, I have found booking $1. Is there anything else?' },
];

/** One thing the caller does. */
export interface Step {
  /** For the terminal: what this shows. */
  readonly shows: string;
  run(phone: DemoPhone, spoke: (endMs: number) => void): Promise<void>;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** From the last word but one until the last has been heard and the agent listens. */
const afterLastButOneMs = 1_100;

/** Says something and waits for the end of the answer: for one of its last two words, since one may be damaged on its way. */
const ask = (text: string, answered: RegExp, shows: string): Step => ({
  shows,
  async run(phone, spoke) {
    const { endMs } = await phone.say(text);
    spoke(endMs);
    await phone.hears(answered, endMs);
    await pause(afterLastButOneMs);
  },
});

/** A caller who is helped, listens, interrupts, hesitates, types and says goodbye. */
export const scriptedCaller: readonly Step[] = [
  {
    shows: 'disclosure and greeting',
    run: async (phone) => {
      await phone.hears(/^(?:help|you\?)$/i, 0, 30_000);
      await pause(afterLastButOneMs);
    },
  },
  ask('how much is a room for two nights?', /^(?:breakfast|included\.)$/, 'a tool call'),
  {
    shows: 'a backchannel that does not stop the agent, then a barge-in that does',
    run: async (phone, spoke) => {
      const asked = await phone.say('tell me about the hotel');
      spoke(asked.endMs);
      const begun = await phone.hears(/^(?:harbour,|with)$/, asked.endMs);
      await phone.say('uh-huh');
      await phone.hears(/^(?:have|forty)$/, begun.endMs);
      const cut = await phone.say('wait when is breakfast?');
      spoke(cut.endMs);
      await phone.hears(/^(?:every|room\.)$/, cut.endMs);
      await pause(afterLastButOneMs);
    },
  },
  {
    shows: 'a caller who goes on after a pause: one turn',
    run: async (phone, spoke) => {
      await phone.say('i would like to');
      await pause(700);
      const { endMs } = await phone.say('park my car');
      spoke(endMs);
      await phone.hears(/^(?:the|house\.)$/, endMs);
      await pause(afterLastButOneMs);
    },
  },
  {
    shows: 'keys on the telephone',
    run: async (phone, spoke) => {
      const { endMs } = await phone.say('i have a booking number');
      spoke(endMs);
      const asked = await phone.hears(/^(?:press|hash\.)$/, endMs);
      await pause(afterLastButOneMs);
      await phone.digits('4701#');
      await phone.hears(/^(?:anything|else\?)$/, asked.endMs);
      await pause(afterLastButOneMs);
    },
  },
  ask('can i bring my dog?', /^(?:a|night\.)$/, 'a question'),
  {
    shows: 'goodbye: the agent hangs up',
    run: async (phone, spoke) => {
      const { endMs } = await phone.say('thank you goodbye');
      spoke(endMs);
      await phone.ended;
    },
  },
];
