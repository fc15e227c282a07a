import { active } from './active.ts';
import { freshToken } from './context.ts';
import { creating } from './creating.ts';
import { refreshing } from './refreshing.ts';
import { revoked } from './revoked.ts';
import { type tokenActors, tokenChart } from './setup.ts';
import { validating } from './validating.ts';

const tokenMachine = tokenChart.createMachine({
  id: 'token',
  context: ({ input }) => freshToken(input),
  initial: 'creating',
  on: { 'client.attached': { actions: 'countFollower' }, 'client.detached': { actions: 'uncountFollower' } },
  states: {
    creating,
    validating,
    active,
    refreshing,
    revoked,
    expired: { type: 'final', tags: 'over' },
    invalid: {
      initial: 'signature',
      states: { signature: { type: 'final', tags: 'over' }, grants: { type: 'final', tags: 'over' } },
    },
  },
});

/** Every actor of a token, each required. */
export type TokenActors = typeof tokenActors;

/** The life of one credential, with its actors plugged in. */
export const createToken = (given: TokenActors) => tokenMachine.provide({ actors: given });

export type TokenMachine = ReturnType<typeof createToken>;

/** The bare machine, for charts and graph walks: its actors refuse to start. */
export const bareToken = tokenMachine;
