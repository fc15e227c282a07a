import type { TokenHolder } from '../actors/token-holder.ts';
import type { TokenSigner } from '../actors/token-signer.ts';
import type { Clock } from '../clock.ts';
import type { TokenMachine } from '../machines/token/token.machine.ts';
import {
  type Demand,
  judgeGrants,
  judgeTimes,
  leewaySeconds,
  type TokenClaims,
  type TokenRefusal,
  type TokenRequest,
} from '../token.ts';
import { createCredential, type Credential, type IssuedToken, type TokenNews } from './credential.ts';

/** A credential and its first token. */
export interface IssuedCredential extends IssuedToken {
  /** Whoever knows it is given the tokens, so it cannot be guessed. */
  readonly id: string;
}

/** `full`: there are too many; `barred`: this name was revoked in this room not long ago; `failed`: no token could be made. */
export type NotIssued = 'full' | 'barred' | 'failed';

/** Tokens of clients, as the door sees them. */
export interface TokenDesk {
  issue(request: TokenRequest): Promise<IssuedCredential | NotIssued>;
  /** News of a credential after a number; `unknown`: there is no such credential, `over`: nothing comes after this number. */
  follow(id: string, after: number): 'unknown' | 'over' | ((signal: AbortSignal) => AsyncIterable<TokenNews>);
  /** Ends a credential; false when there is none. Idempotent. */
  revoke(id: string): boolean;
  /** What a token says when it is good for what is demanded: as LiveKit has it, and not withdrawn here. */
  check(token: string, demand: Demand): Promise<TokenClaims | TokenRefusal>;
}

interface TokenDeskOptions {
  readonly signer: TokenSigner;
  readonly machineOf: (holder: TokenHolder) => TokenMachine;
  /** Not to be guessed, at least 128 bits. */
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Credentials at once. */
const most = 1_000;

export interface HostedTokenDesk extends TokenDesk {
  /** Somebody joined a room. */
  joined(who: { readonly room: string; readonly identity: string }): void;
  /** Lets go of all of them, without a word to anybody. */
  close(): void;
}

/** Hosts one machine for each credential of a client. All of it is in memory: after a restart clients ask anew. */
export function createTokenDesk({ signer, machineOf, newId, clock }: TokenDeskOptions): HostedTokenDesk {
  const credentials = new Map<string, Credential>();
  const owners = createOwners(clock);

  const barring = ({ room, identity }: Pick<TokenRequest, 'room' | 'identity'>): readonly Credential[] =>
    [...credentials.values()].filter(
      (each) => each.isRevoked() && each.request.room === room && each.request.identity === identity,
    );

  function open(id: string, request: TokenRequest): Credential {
    const credential = createCredential({
      request,
      machineOf,
      clock,
      signed: (claims) => owners.add(claims, () => credential),
      over: () => void credentials.delete(id),
    });
    return credential;
  }

  return {
    async issue(request) {
      if (credentials.size >= most) return 'full';
      if (barring(request).length > 0) return 'barred';
      const id = newId();
      const credential = open(id, request);
      credentials.set(id, credential);
      const issued = await credential.begun;
      if (issued) return { id, ...issued };
      if (!credential.isRevoked()) credentials.delete(id);
      return 'failed';
    },
    follow(id, after) {
      const credential = credentials.get(id);
      if (!credential) return 'unknown';
      return after >= (credential.endsAt() ?? Infinity) ? 'over' : (signal) => credential.follow({ after, signal });
    },
    revoke(id) {
      const credential = credentials.get(id);
      if (!credential?.isRevoked()) credential?.revoke();
      return credential !== undefined;
    },
    async check(token, demand) {
      const read = await signer.read(token);
      if ('fault' in read) return read;
      const withdrawn = owners.of(read.jti)?.standing(read.jti);
      return judgeTimes(read, clock.now()) ?? (withdrawn && refusals[withdrawn]) ?? judgeGrants(read, demand) ?? read;
    },
    joined: (who) => barring(who).forEach((each) => each.joined()),
    close: () => credentials.forEach((each) => each.stop()),
  };
}

const stricter = 'LiveKit cannot take a token back: to it this one is valid until its end';
const refusals = {
  revoked: { fault: 'withdrawn', code: 'revoked', message: 'The token was revoked', stricter },
  superseded: { fault: 'withdrawn', code: 'superseded', message: 'A newer token took its place', stricter },
} as const satisfies Readonly<Record<string, TokenRefusal>>;

/** Whose token a `jti` is, for as long as the token is valid. */
function createOwners(clock: Pick<Clock, 'now'>) {
  const tokens = new Map<string, { readonly untilMs: number; readonly owner: () => Credential }>();
  return {
    add({ jti, exp }: TokenClaims, owner: () => Credential): void {
      for (const [old, { untilMs }] of tokens) {
        if (untilMs > clock.now()) break;
        tokens.delete(old);
      }
      tokens.set(jti, { untilMs: (exp + leewaySeconds) * 1000, owner });
    },
    of: (jti: string): Credential | undefined => tokens.get(jti)?.owner(),
  };
}
