import { createActor } from 'xstate';
import type { TokenHolder, Withdrawal } from '../../src/actors/token-holder.ts';
import type { TokenSigner } from '../../src/actors/token-signer.ts';
import type { Failure } from '../../src/failure.ts';
import type { TokenInput } from '../../src/machines/token/context.ts';
import type { TokenEvent } from '../../src/machines/token/events.ts';
import { Secret } from '../../src/secret.ts';
import type { TokenClaims, TokenRefusal } from '../../src/token.ts';
import { credentialMachine } from '../../src/wiring/tokens.ts';
import { pathOf } from './state-nodes.ts';
import { createVirtualClock } from './virtual-clock.ts';

export const canary = 'canary-token';

export const broken: Failure = {
  vendor: 'test',
  phase: 'rest',
  class: 'api',
  retryable: true,
  message: 'broken',
};

/** What the world does next; a test changes it at will. */
export interface TokenWorld {
  sign(claims: TokenClaims): Promise<Secret | Failure>;
  read(signed: TokenClaims): Promise<TokenClaims | TokenRefusal>;
  deliver(): Promise<void>;
  remove(): Promise<Failure | undefined>;
}

type Type = TokenEvent['type'];

/** The machine of a token with its real actors, on virtual time that begins at 1,000 s. */
export function tokenBench(input: TokenInput, given: Partial<TokenWorld> = {}) {
  const clock = createVirtualClock(1_000_000);
  const signed: TokenClaims[] = [];
  const withdrawn: Withdrawal[] = [];
  const removals: { readonly atMs: number; readonly room: string; readonly identity: string }[] = [];
  const path = ['creating.generating'];
  const world: TokenWorld = {
    sign: () => Promise.resolve(new Secret(canary)),
    read: (claims) => Promise.resolve(claims),
    deliver: () => Promise.resolve(),
    remove: () => Promise.resolve(undefined),
    ...given,
  };
  const signer: TokenSigner = {
    apiKey: 'key',
    async sign(claims) {
      signed.push(claims);
      return world.sign(claims);
    },
    read: () => world.read(signed.at(-1)!),
  };
  let held: Secret | undefined;
  const holder: TokenHolder = {
    async hold(_claims, token) {
      held = token;
      return undefined;
    },
    held: () => held,
    async withdraw(why) {
      withdrawn.push(why);
    },
    deliver: () => world.deliver(),
  };
  const participants = {
    remove(who: { readonly room: string; readonly identity: string }) {
      removals.push({ atMs: clock.now(), ...who });
      return world.remove();
    },
  };
  const newId = () => `t${signed.length + 1}`;
  const machine = credentialMachine({ signer, participants, newId, clock })(holder);
  const actor = createActor(machine, {
    clock,
    input,
    inspect(seen) {
      if (seen.type !== '@xstate.microstep' || seen.actorRef !== actor) return;
      const now = (seen.snapshot as ReturnType<typeof actor.getSnapshot>)._nodes.findLast(
        ({ type }) => type !== 'compound',
      );
      if (now && path.at(-1) !== pathOf(now)) path.push(pathOf(now));
    },
  });
  actor.start();
  return {
    clock,
    world,
    signed,
    withdrawn,
    removals,
    /** Every state it was in, one after the other. */
    path,
    state: () => actor.getSnapshot(),
    send: (type: Extract<Type, `client.${string}` | `participant.joined` | 'token.revoke'>) =>
      actor.send({ type, at: clock.now() }),
    saved: () => JSON.stringify(actor.getPersistedSnapshot()),
  };
}
