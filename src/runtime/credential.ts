import { createActor } from 'xstate';
import type { TokenHolder, Withdrawal } from '../actors/token-holder.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { TokenCommand } from '../machines/token/events.ts';
import type { TokenMachine } from '../machines/token/token.machine.ts';
import type { Secret } from '../secret.ts';
import { demandOf, type TokenClaims, type TokenRequest } from '../token.ts';
import { createBell } from './bell.ts';
import { createMark } from './mark.ts';

/** A token as a client is given it. */
export interface IssuedToken {
  /** Counts the tokens of one credential, from 1. */
  readonly seq: number;
  readonly token: string;
  /** Ms since 1970. */
  readonly expiresAt: number;
}

/** What a client is told next: a new token, or that there will be none. */
export type TokenNews = IssuedToken | { readonly seq: number; readonly ended: 'revoked' | 'expired' };

/** One client's right to be in a room, with the token that says so now. */
export interface Credential {
  readonly request: TokenRequest;
  /** Resolves once: with the first token, or with nothing when there is none. */
  readonly begun: Promise<IssuedToken | undefined>;
  /** The newest news after a number, then each as it comes; ends after the last, or when `signal` aborts. */
  follow(options: { readonly after: number; readonly signal: AbortSignal }): AsyncGenerator<TokenNews, void, undefined>;
  /** Nothing more comes after this number: there is no use in following. */
  endsAt(): number | undefined;
  revoke(): void;
  isRevoked(): boolean;
  /** Somebody of this name joined the room. */
  joined(): void;
  /** Why we refuse a token of this credential; nothing for the one in use. */
  standing(jti: string): Withdrawal | undefined;
  /** Stops it here, without a word to anybody. */
  stop(): void;
}

interface CredentialOptions {
  readonly request: TokenRequest;
  /** Wires a machine to what keeps its tokens. */
  readonly machineOf: (holder: TokenHolder) => TokenMachine;
  readonly clock: Clock;
  /** Told of each token that was signed; resolves with why it must not be given away, if so. Never rejects. */
  readonly signed: (claims: TokenClaims) => Promise<Failure | undefined>;
  /** Has the other instances refuse a token; rejects when they could not be told. */
  readonly supersede: (jti: string) => Promise<void>;
  /** Told once, when nothing more will come of it. */
  readonly over: () => void;
}

/** Hosts the machine of one credential and keeps its tokens, in memory only. */
export function createCredential({
  request,
  machineOf,
  clock,
  signed,
  supersede,
  over,
}: CredentialOptions): Credential {
  const begun = Promise.withResolvers<IssuedToken | undefined>();
  const bells = new Set<() => void>();
  const taken = createMark();
  const stopped = new AbortController();
  let held:
    | { readonly seq: number; readonly jti: string; readonly secret: Secret; readonly expiresAt: number }
    | undefined;
  /** Of what is held, what may be given away. */
  let news: TokenNews | undefined;
  /** The token that clients have now, and the one that is no longer to be used even before they have the next. */
  let current = '';
  let superseded = '';
  let revoked = false;

  function tell(next: TokenNews): void {
    news = next;
    for (const ring of bells) ring();
  }
  /** Gives away what is held. */
  function offer(): void {
    if (!held || held.jti === current) return;
    const { seq, jti, secret, expiresAt } = held;
    const issued = { seq, token: secret.reveal(), expiresAt };
    current = jti;
    tell(issued);
    begun.resolve(issued);
  }
  function end(ended: 'revoked' | 'expired'): void {
    if (news && !('ended' in news)) tell({ seq: news.seq + 1, ended });
  }

  const holder: TokenHolder = {
    async hold(claims, secret) {
      const failure = await signed(claims);
      if (!failure) held = { seq: (held?.seq ?? 0) + 1, jti: claims.jti, secret, expiresAt: claims.exp * 1000 };
      return failure;
    },
    held: () => held?.secret,
    async withdraw(why) {
      if (why === 'revoked') revoked = true;
      else await supersede((superseded = current));
    },
    deliver({ signal }) {
      offer();
      return taken.reached(held?.seq ?? 0, signal);
    },
  };
  const actor = createActor(machineOf(holder), { clock, input: { request, demand: demandOf(request.room) } });

  const send = (type: TokenCommand['type']): void => {
    if (actor.getSnapshot().status === 'active') actor.send({ type, at: clock.now() });
  };
  function finish(): void {
    begun.resolve(undefined);
    actor.stop();
    over();
  }
  actor.subscribe({
    next(snapshot) {
      if (snapshot.matches('active')) offer();
      if (snapshot.matches('expired')) end('expired');
      if (snapshot.matches('revoked')) {
        end('revoked');
        begun.resolve(undefined);
      }
      if (snapshot.hasTag('over')) finish();
    },
    error: finish,
  });
  actor.start();

  async function* follow({ after, signal }: { readonly after: number; readonly signal: AbortSignal }) {
    const ending = AbortSignal.any([signal, stopped.signal]);
    const bell = createBell(ending);
    bells.add(bell.ring);
    send('client.attached');
    try {
      for (let last = after; !ending.aborted;) {
        bell.reset();
        if (news && news.seq > last) {
          last = news.seq;
          yield news;
          // Asked for the next one: the reader has this one.
          taken.reach(last);
        } else if (news && 'ended' in news) return;
        else await bell.rung();
      }
    } finally {
      bells.delete(bell.ring);
      bell.release();
      send('client.detached');
    }
  }

  return {
    request,
    begun: begun.promise,
    follow,
    endsAt: () => (news && 'ended' in news ? news.seq : undefined),
    revoke: () => send('token.revoke'),
    isRevoked: () => revoked,
    joined: () => send('participant.joined'),
    standing(jti) {
      if (revoked) return 'revoked';
      return jti === current && jti !== superseded ? undefined : 'superseded';
    },
    stop() {
      begun.resolve(undefined);
      stopped.abort();
      actor.stop();
    },
  };
}
