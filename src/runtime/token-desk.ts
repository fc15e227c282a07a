import type { TokenHolder } from '../actors/token-holder.ts';
import type { TokenSigner } from '../actors/token-signer.ts';
import type { Clock } from '../clock.ts';
import { delaysMs } from '../machines/deadlines.ts';
import type { TokenMachine } from '../machines/token/token.machine.ts';
import {
  type Demand,
  judgeGrants,
  judgeTimes,
  leewaySeconds,
  longestLifeSeconds,
  type TokenClaims,
  type TokenRefusal,
  type TokenRequest,
} from '../token.ts';
import { createCredential, type Credential, type IssuedToken, type TokenNews } from './credential.ts';
import { createBars, unlessBarred } from './token-bars.ts';
import type { RoomName, TokenRegister } from './token-register.ts';

/** A credential and its first token. */
export interface IssuedCredential extends IssuedToken {
  /** Whoever knows it is given the tokens, so it cannot be guessed. */
  readonly id: string;
}

/** `full`: there are too many; `barred`: this name was revoked in this room not long ago; `failed`: no token could be made. */
export type NotIssued = 'full' | 'barred' | 'failed';

/** Tokens of clients, as the door sees them. What instances know together is asked of the register. */
export interface TokenDesk {
  /** `failed` also when the register cannot be reached: somebody who is barred must get no token. */
  issue(request: TokenRequest): Promise<IssuedCredential | NotIssued>;
  /**
   * News of a credential after a number; `unknown`: there is no such credential, `elsewhere`: another instance keeps it, `over`:
   * nothing comes after this number. Rejects when it is not here and the register cannot be reached.
   */
  follow(
    id: string,
    after: number,
  ): Promise<'unknown' | 'elsewhere' | 'over' | ((signal: AbortSignal) => AsyncIterable<TokenNews>)>;
  /**
   * Bars the name that a credential is for from its room, whichever instance keeps it; false when there is none. Rejects when the
   * other instances could not be told: what could be done here is done then. Idempotent.
   */
  revoke(id: string): Promise<boolean>;
  /**
   * What a token says when it is good for what is demanded: as LiveKit has it, and not withdrawn by any instance. Rejects when it
   * could be and the register cannot be reached.
   */
  check(token: string, demand: Demand): Promise<TokenClaims | TokenRefusal>;
}

interface TokenDeskOptions {
  readonly signer: TokenSigner;
  readonly machineOf: (holder: TokenHolder) => TokenMachine;
  readonly register: TokenRegister;
  /** Not to be guessed, at least 128 bits. */
  readonly newId: () => string;
  readonly clock: Clock;
  /** Told when a name that was revoked joins, or is checked, all the same. */
  readonly reused?: (name: RoomName) => void;
}

/** Credentials at once. */
const most = 1_000;
/** And with them names that are kept out. */
const mostWithBars = 2 * most;

export interface HostedTokenDesk extends TokenDesk {
  /** Somebody joined a room. */
  joined(who: RoomName): void;
  /** Lets go of all of them, without a word to anybody. */
  close(): void;
}

/**
 * Hosts one machine for each credential of a client, and one for each name that is barred and joins here. Tokens are in memory: after
 * a restart clients ask anew. That a name is barred is known to all instances.
 */
export function createTokenDesk({
  signer,
  machineOf,
  register,
  newId,
  clock,
  reused,
}: TokenDeskOptions): HostedTokenDesk {
  const credentials = new Map<string, Credential>();
  const owners = createOwners(clock);
  const bars = createBars(clock);

  const ofName = (name: RoomName): readonly Credential[] =>
    [...credentials.values()].filter(({ request }) => isSame(request, name));
  const barring = (name: RoomName) => ofName(name).filter((each) => each.isRevoked());

  function open(id: string, request: TokenRequest): Credential {
    const credential = createCredential({
      request,
      machineOf,
      clock,
      async signed(claims) {
        owners.add(claims, () => credential);
        return unlessBarred(register.enrol(id, request, untilEnd(claims, clock)));
      },
      supersede: (jti) => register.supersede(jti, longestLifeMs),
      over: () => void credentials.delete(id),
    });
    credentials.set(id, credential);
    return credential;
  }

  /** Puts out whoever has this name, now and after each join here. */
  function putOut(name: RoomName): void {
    bars.add(name);
    const own = ofName(name);
    for (const each of own) if (!each.isRevoked()) each.revoke();
    if (own.length > 0) return;
    if (credentials.size >= mostWithBars) throw new Error('too many names are barred');
    open(newId(), { preset: 'viewer', room: name.room, identity: name.identity }).revoke();
  }

  async function barHere(name: RoomName): Promise<void> {
    reused?.(name);
    const own = barring(name);
    for (const each of own) each.joined();
    if (own.length === 0) putOut(name);
    await register.bar(name, delaysMs.barLifts);
  }

  /** Of names that were barred elsewhere, those whose credentials are here: they must give out nothing more. */
  function heard(name: RoomName): void {
    bars.add(name);
    for (const each of ofName(name)) if (!each.isRevoked()) each.revoke();
  }
  async function lookAgain(): Promise<void> {
    const names = [...credentials.values()].filter((each) => !each.isRevoked()).map(({ request }) => request);
    await Promise.all(names.map(async (name) => (await register.isBarred(name)) && heard(name)));
  }
  const unwatch = register.watch({ barred: heard, missed: () => void lookAgain().catch(() => undefined) });

  return {
    async issue(request) {
      if (credentials.size >= most) return 'full';
      if (bars.has(request)) return 'barred';
      const id = newId();
      const credential = open(id, request);
      const issued = await credential.begun;
      if (issued) return { id, ...issued };
      if (credential.isRevoked()) return 'failed';
      credentials.delete(id);
      return (await register.isBarred(request).catch(() => false)) ? 'barred' : 'failed';
    },
    async follow(id, after) {
      const credential = credentials.get(id);
      if (!credential) return (await register.find(id)) ? 'elsewhere' : 'unknown';
      return after >= (credential.endsAt() ?? Infinity) ? 'over' : (signal) => credential.follow({ after, signal });
    },
    async revoke(id) {
      const name = credentials.get(id)?.request ?? (await register.find(id));
      if (!name) return false;
      if (barring(name).length === 0) putOut(name);
      await register.bar(name, delaysMs.barLifts);
      return true;
    },
    async check(token, demand) {
      const read = await signer.read(token);
      if ('fault' in read) return read;
      const untimely = judgeTimes(read, clock.now());
      if (untimely) return untimely;
      const name = { room: read.video.room ?? '', identity: read.sub };
      const withdrawn = owners.of(read.jti)?.standing(read.jti) ?? (await register.standing({ jti: read.jti, name }));
      if (withdrawn === 'revoked') reused?.(name);
      return (withdrawn && refusals[withdrawn]) ?? judgeGrants(read, demand) ?? read;
    },
    joined(name) {
      // What is known here is met at once, whether or not the register can be reached.
      const met = bars.has(name)
        ? barHere(name)
        : register.isBarred(name).then((is) => (is ? barHere(name) : undefined));
      met.catch(() => undefined);
    },
    close() {
      unwatch();
      credentials.forEach((each) => each.stop());
    },
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

const longestLifeMs = (longestLifeSeconds + leewaySeconds) * 1000;

/** For how long a token can be of any use. */
const untilEnd = ({ exp }: TokenClaims, clock: Pick<Clock, 'now'>): number =>
  (exp + leewaySeconds) * 1000 - clock.now();

const isSame = (one: RoomName, other: RoomName): boolean => one.room === other.room && one.identity === other.identity;
