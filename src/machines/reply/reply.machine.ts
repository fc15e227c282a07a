import { freshReply } from './context.ts';
import { replyActors, replyChart } from './setup.ts';
import { voice } from './voice.ts';
import { words } from './words.ts';

const replyMachine = replyChart.createMachine({
  id: 'reply',
  context: ({ input }) => freshReply(input),
  type: 'parallel',
  states: {
    words,
    voice,
    /** Until the turn is certain, nothing is done that could not be undone. */
    permission: {
      initial: 'tentative',
      states: { tentative: { on: { 'reply.confirm': 'confirmed' } }, confirmed: {} },
    },
  },
});

/** Every actor of a reply, each required. */
export type ReplyActors = typeof replyActors;

const wired = Symbol('wired');

/** The machine of one agent turn, with its actors plugged in. */
export const createReply = (given: ReplyActors) =>
  Object.assign(replyMachine.provide({ actors: given }), { [wired]: true as const });

/** Actors that refuse to start, for a bare call. */
export const placeholders: ReplyActors = replyActors;

/** The bare machine, for charts and graph walks. */
export const bareReply = replyMachine;
