import { assign, setup } from 'xstate';
import type { KeepFact } from '../../actors/keep.ts';
import { unwired } from '../../actors/leaf.ts';
import { at, delaysMs } from '../deadlines.ts';

export interface KeepingInput {
  /** From the end of one writing to the next, at least, while nobody waits for it. */
  readonly spacedMs: number;
  /** How long it waits once writing has failed, the first time, the second …; the last holds for all that follow. */
  readonly retryMs: readonly number[];
}

interface KeepingContext extends KeepingInput {
  /** In a row. */
  readonly failures: number;
}

/** `keep.asked`: there is something new to write · `keep.hurried`: somebody waits for what was asked for. */
type KeepingEvent = { readonly type: 'keep.asked' | 'keep.hurried' } | KeepFact;

const keepingActors = { write: unwired<{ type: 'none' }, undefined>('write') };

interface Args {
  readonly context: KeepingContext;
}

const keepingMachine = setup({
  types: { context: {} as KeepingContext, events: {} as KeepingEvent, input: {} as KeepingInput },
  actors: keepingActors,
  delays: {
    ...delaysMs,
    keepSpaced: ({ context }: Args) => context.spacedMs,
    keepRetry: ({ context: { retryMs, failures } }: Args) =>
      retryMs[failures - 1] ?? retryMs.at(-1) ?? delaysMs.keepRetry,
  },
  guards: { isSpaced: ({ context }: Args) => context.spacedMs > 0 },
  actions: {
    noteFailure: assign(({ context }) => ({ failures: context.failures + 1 })),
    forgetFailures: assign({ failures: 0 }),
  },
}).createMachine({
  id: 'keeping',
  context: ({ input }) => ({ ...input, failures: 0 }),
  initial: 'clean',
  states: {
    clean: { on: { 'keep.asked': 'writing' } },
    writing: {
      initial: 'due',
      invoke: { id: 'write', src: 'write', onError: { target: 'waiting', actions: 'noteFailure' } },
      on: { 'keep.failed': { target: 'waiting', actions: 'noteFailure' }, 'keep.over': 'over' },
      states: {
        due: {
          initial: 'all',
          after: { [at.keepWritten]: 'late' },
          states: {
            /** There is nothing that is not in this writing. */
            all: {
              on: { 'keep.asked': 'behind', 'keep.kept': { target: '#keeping.clean', actions: 'forgetFailures' } },
            },
            behind: {
              on: { 'keep.hurried': 'hurried', 'keep.kept': { target: '#keeping.again', actions: 'forgetFailures' } },
            },
            hurried: {
              on: { 'keep.kept': { target: '#keeping.writing', reenter: true, actions: 'forgetFailures' } },
            },
          },
        },
        /** Nobody counts on it any more, but nothing is written beside it: of two the older one might come last. */
        late: { on: { 'keep.kept': { target: '#keeping.again', actions: 'forgetFailures' } } },
      },
    },
    again: { always: [{ guard: 'isSpaced', target: 'spaced' }, 'writing'] },
    spaced: { on: { 'keep.hurried': 'writing' }, after: { [at.keepSpaced]: 'writing' } },
    /** What is to be written waits here, and is the newest by then. */
    waiting: { on: { 'keep.asked': 'again' }, after: { [at.keepRetry]: 'writing' } },
    over: { type: 'final' },
  },
});

/** How something of ours comes into a store that may be away, with the actor that writes it. */
export const createKeeping = (given: typeof keepingActors) => keepingMachine.provide({ actors: given });

export type KeepingMachine = ReturnType<typeof createKeeping>;

/** The bare machine, for charts and graph walks: its actor refuses to start. */
export const bareKeeping = keepingMachine;
