import type { AnyMachineSnapshot } from 'xstate';
import type { TokenContext, TokenInput } from '../../src/machines/token/context.ts';
import { claimsOf, type Demand, demandOf, type TokenRequest } from '../../src/token.ts';
import type { Event } from './tour.ts';

export const viewer: TokenRequest = { preset: 'viewer', identity: 'ada', room: 'voice-ai-call-1' };

/** Of the viewer's token this is demanded. */
export const tokenInput = (rights: Demand['rights']): TokenInput => ({
  request: viewer,
  demand: { rights, room: viewer.room },
});

/** What its host demands of a token. */
export const hostedInput: TokenInput = { request: viewer, demand: demandOf(viewer.room) };

const failure = { vendor: 'test', phase: 'rest', class: 'api', retryable: true, message: 'broken' };
const refusal = { fault: 'signature', code: 'signature_wrong', message: 'wrong' };
const claims = claimsOf(viewer, 'key', { jti: 'one', atMs: 0 });
const longAfter = 700_000;

const of = (state: AnyMachineSnapshot) => state.context as TokenContext;

/** Whatever may befall a token. One client at a time follows it. */
export const tokenEvents = (state: AnyMachineSnapshot): Event[] =>
  [
    { type: 'token.drawn', jti: of(state).jti === 'one' ? 'two' : 'one', apiKey: 'key' },
    { type: 'token.signed' },
    { type: 'token.failed', failure },
    { type: 'token.read', claims },
    { type: 'token.read', claims, at: longAfter },
    { type: 'token.read', claims: { ...claims, video: {} } },
    { type: 'token.unreadable', refusal },
    { type: 'token.withdrawn' },
    { type: 'token.delivered' },
    { type: 'token.revoke' },
    { type: 'participant.joined' },
    { type: 'participant.removed' },
    { type: 'participant.remove_failed', failure },
    ...(of(state).followers === 0
      ? [{ type: 'client.attached' }, { type: 'client.attached', at: longAfter }]
      : [{ type: 'client.detached' }]),
  ].map((event) => ({ at: 0, ...event }));

/** What guards of a token read. */
export const tokenFacts = (state: AnyMachineSnapshot): unknown => [of(state).followers, of(state).removals];
