import { at } from '../deadlines.ts';
import { tokenChart, wholeClaims } from './setup.ts';

const again = '#token.refreshing.waiting';

const generatingNew = tokenChart.createStateConfig({
  initial: 'drawing',
  after: { [at.tokenMade]: again },
  states: {
    drawing: {
      invoke: { id: 'draw', src: 'drawToken', onError: again },
      on: { 'token.drawn': { target: 'signing', actions: ['noteDrawn', 'renewClaims'] } },
    },
    signing: {
      invoke: {
        id: 'sign',
        src: 'signToken',
        input: ({ context }) => ({ claims: wholeClaims(context) }),
        onError: again,
      },
      on: { 'token.signed': '#token.refreshing.invalidatingOld', 'token.failed': again },
    },
  },
});

/** The old token goes on being valid in LiveKit until its end, so a new one may take some attempts. */
export const refreshing = tokenChart.createStateConfig({
  initial: 'generatingNew',
  on: { 'token.revoke': '#token.revoked' },
  after: { [at.refreshGivesUp]: 'expired' },
  states: {
    generatingNew,
    waiting: { after: { [at.refreshRetry]: 'generatingNew' } },
    invalidatingOld: {
      invoke: {
        id: 'withdraw',
        src: 'withdrawToken',
        input: { why: 'superseded' as const },
        onError: 'updatingClient',
      },
      on: { 'token.withdrawn': 'updatingClient' },
      after: { [at.tokenWithdrawn]: 'updatingClient' },
    },
    /** A client that is just away finds the new token when it is back. */
    updatingClient: {
      invoke: { id: 'deliver', src: 'deliverToken', onError: '#token.active' },
      on: { 'token.delivered': '#token.active' },
      after: { [at.clientUpdated]: '#token.active' },
    },
  },
});
