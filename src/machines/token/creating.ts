import { at } from '../deadlines.ts';
import { tokenChart, wholeClaims } from './setup.ts';

/** Without a signature there is no token. */
const unsigned = '#token.invalid.signature';

const settingClaims = tokenChart.createStateConfig({
  initial: 'issuer',
  states: {
    issuer: { entry: 'setIssuer', always: 'subject' },
    subject: { entry: 'setSubject', always: 'expiration' },
    expiration: { entry: 'setExpiration', always: 'grants' },
    grants: { entry: 'setGrants', always: '#token.creating.signing' },
  },
});

export const creating = tokenChart.createStateConfig({
  initial: 'generating',
  on: { 'token.revoke': '#token.revoked' },
  after: { [at.tokenMade]: unsigned },
  states: {
    generating: {
      invoke: { id: 'draw', src: 'drawToken', onError: unsigned },
      on: { 'token.drawn': { target: 'settingClaims', actions: 'noteDrawn' } },
    },
    settingClaims,
    signing: {
      invoke: {
        id: 'sign',
        src: 'signToken',
        input: ({ context }) => ({ claims: wholeClaims(context) }),
        onError: unsigned,
      },
      on: { 'token.signed': '#token.validating', 'token.failed': unsigned },
    },
  },
});
