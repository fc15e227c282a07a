import { assign, setup } from 'xstate';
import type { Withdrawal } from '../../actors/token-holder.ts';
import { unwired } from '../../actors/leaf.ts';
import {
  expirationOf,
  grantsOf,
  issuerOf,
  judgeGrants,
  judgeTimes,
  leewaySeconds,
  longestLifeSeconds,
  renewed,
  subjectOf,
  type TokenClaims,
} from '../../token.ts';
import { delaysMs } from '../deadlines.ts';
import type { TokenContext, TokenInput } from './context.ts';
import type { TokenEvent } from './events.ts';

type Nothing = { type: 'none' };

/** The actors of a token. Every key must be given to `createToken`. */
export const tokenActors = {
  drawToken: unwired<Nothing, undefined>('drawToken'),
  signToken: unwired<Nothing, { readonly claims: TokenClaims }>('signToken'),
  readToken: unwired<Nothing, undefined>('readToken'),
  withdrawToken: unwired<Nothing, { readonly why: Withdrawal }>('withdrawToken'),
  deliverToken: unwired<Nothing, undefined>('deliverToken'),
  removeParticipant: unwired<Nothing, { readonly room: string; readonly identity: string }>('removeParticipant'),
};

/** All claims are set once it is signed. */
export const wholeClaims = ({ claims }: TokenContext): TokenClaims => claims as TokenClaims;

const lifeMs = ({ request }: TokenContext): number => (request.lifeSeconds ?? longestLifeSeconds) * 1000;

/** A new token comes when so much of the life of the old one is over. */
const refreshAfter = 0.8;

/** A join is met within a second: three attempts fit into it. */
const mostRemovals = 3;

export const tokenChart = setup({
  types: { context: {} as TokenContext, events: {} as TokenEvent, input: {} as TokenInput, tags: {} as 'over' },
  actors: tokenActors,
  delays: {
    ...delaysMs,
    refreshDue: ({ context }) => lifeMs(context) * refreshAfter,
    tokenEnds: ({ context }) => lifeMs(context) + leewaySeconds * 1000,
    refreshGivesUp: ({ context }) => lifeMs(context) * (1 - refreshAfter) + leewaySeconds * 1000,
  },
  guards: {
    isExpired: ({ context }) => judgeTimes(wholeClaims(context), context.atMs) !== undefined,
    lacksGrants: ({ context }) => judgeGrants(wholeClaims(context), context.demand) !== undefined,
    isFollowed: ({ context }) => context.followers > 0,
    isDue: ({ context, event }) => event.type === 'client.attached' && event.at >= context.refreshAtMs,
    mayRemoveAgain: ({ context }) => context.removals < mostRemovals,
  },
  actions: {
    noteDrawn: assign(({ event }) =>
      event.type === 'token.drawn' ? { jti: event.jti, apiKey: event.apiKey, atMs: event.at } : {},
    ),
    setIssuer: assign(({ context }) => ({ claims: { ...context.claims, ...issuerOf(context.apiKey) } })),
    setSubject: assign(({ context }) => ({ claims: { ...context.claims, ...subjectOf(context.request) } })),
    setExpiration: assign(({ context }) => ({
      claims: { ...context.claims, ...expirationOf(context.request, context) },
    })),
    setGrants: assign(({ context }) => ({ claims: { ...context.claims, ...grantsOf(context.request) } })),
    renewClaims: assign(({ context }) => ({
      claims: { ...renewed(wholeClaims(context), context.request, context), ...issuerOf(context.apiKey) },
    })),
    noteRead: assign(({ event }) => (event.type === 'token.read' ? { claims: event.claims, atMs: event.at } : {})),
    noteRefusal: assign(({ event }) => (event.type === 'token.unreadable' ? { refusal: event.refusal } : {})),
    noteLacking: assign(({ context }) => {
      const refusal = judgeGrants(wholeClaims(context), context.demand);
      return refusal ? { refusal } : {};
    }),
    noteDue: assign(({ context }) => ({
      refreshAtMs: (context.claims.iat ?? 0) * 1000 + lifeMs(context) * refreshAfter,
    })),
    countFollower: assign({ followers: ({ context }) => context.followers + 1 }),
    uncountFollower: assign({ followers: ({ context }) => Math.max(0, context.followers - 1) }),
    countRemoval: assign({ removals: ({ context }) => context.removals + 1 }),
    forgetRemovals: assign({ removals: 0 }),
  },
});
