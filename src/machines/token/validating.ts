import { at } from '../deadlines.ts';
import { tokenChart } from './setup.ts';

/** Our own token is read as anybody else would read it, before it is given to anybody. */
export const validating = tokenChart.createStateConfig({
  initial: 'signature',
  on: { 'token.revoke': '#token.revoked' },
  after: { [at.tokenRead]: '#token.invalid.signature' },
  states: {
    signature: {
      invoke: { id: 'read', src: 'readToken', onError: '#token.invalid.signature' },
      on: {
        'token.read': { target: 'expiration', actions: 'noteRead' },
        'token.unreadable': { target: '#token.invalid.signature', actions: 'noteRefusal' },
      },
    },
    expiration: { always: [{ guard: 'isExpired', target: '#token.refreshing' }, 'grants'] },
    grants: {
      always: [{ guard: 'lacksGrants', target: '#token.invalid.grants', actions: 'noteLacking' }, '#token.active'],
    },
  },
});
