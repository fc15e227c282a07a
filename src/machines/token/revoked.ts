import { at } from '../deadlines.ts';
import { tokenChart } from './setup.ts';

const again = [
  { guard: 'mayRemoveAgain', target: '#token.revoked.waiting', actions: 'countRemoval' },
  { target: '#token.revoked.barred' },
] as const;

const joined = { target: '#token.revoked.removing', reenter: true, actions: 'forgetRemovals' } as const;

/**
 * We refuse the token; LiveKit cannot, so its owner is put out of the room now and after each join, until no token is valid
 * any more: not ours, and not the ones that LiveKit itself gives to whoever is connected, which live as long.
 */
export const revoked = tokenChart.createStateConfig({
  initial: 'refusing',
  states: {
    refusing: {
      invoke: {
        id: 'withdraw',
        src: 'withdrawToken',
        input: { why: 'revoked' as const },
        onError: 'removing',
      },
      on: { 'token.withdrawn': 'removing' },
      after: { [at.tokenWithdrawn]: 'removing' },
    },
    removing: {
      invoke: {
        id: 'remove',
        src: 'removeParticipant',
        input: ({ context: { request } }) => ({ room: request.room, identity: request.identity }),
        onError: [...again],
      },
      on: {
        'participant.joined': joined,
        'participant.removed': 'barred',
        'participant.remove_failed': [...again],
      },
      after: { [at.participantRemoved]: [...again] },
    },
    waiting: { on: { 'participant.joined': joined }, after: { [at.removeRetry]: 'removing' } },
    barred: { on: { 'participant.joined': joined }, after: { [at.barLifts]: 'lifted' } },
    lifted: { type: 'final', tags: 'over' },
  },
});
