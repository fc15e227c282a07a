import { randomBytes } from 'node:crypto';
import { deliverToken, removeParticipant, withdrawToken } from '../actors/change-token.ts';
import { drawToken, readToken, signToken } from '../actors/make-token.ts';
import type { Participants } from '../actors/participants.ts';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import type { Clock } from '../clock.ts';
import type { KeyRing } from '../key-ring.ts';
import type { Alone } from '../runtime/alone.ts';
import type { Connections } from '../runtime/connections.ts';
import { countedTokens } from '../runtime/metrics/counted-tokens.ts';
import type { TokenHolder } from '../actors/token-holder.ts';
import type { TokenSigner } from '../actors/token-signer.ts';
import { createToken, type TokenMachine } from '../machines/token/token.machine.ts';
import type { RoomName, TokenRegister } from '../runtime/token-register.ts';
import { createTokenDesk, type HostedTokenDesk } from '../runtime/token-desk.ts';
import type { Care } from './care.ts';
import type { InstanceOptions } from './instance.ts';
import { watchKeys } from './keys.ts';
import { openTogether } from './together.ts';

const newId = (): string => randomBytes(16).toString('base64url');

export interface CredentialParts {
  readonly signer: TokenSigner;
  readonly participants: Participants;
  readonly newId: () => string;
  readonly clock: Clock;
}

/** Plugs the parts of one credential into its machine. */
export const credentialMachine =
  ({ signer, participants, newId, clock }: CredentialParts) =>
  (holder: TokenHolder): TokenMachine =>
    createToken({
      drawToken: drawToken(signer, newId, clock),
      signToken: signToken(signer, holder, clock),
      readToken: readToken(signer, holder, clock),
      withdrawToken: withdrawToken(holder, clock),
      deliverToken: deliverToken(holder, clock),
      removeParticipant: removeParticipant(participants, clock),
    });

/** Tokens of clients, signed with the key of the moment. */
export function tokenDesk(
  keys: KeyRing,
  participants: Participants,
  register: TokenRegister,
  clock: Clock,
  reused?: (name: RoomName) => void,
): HostedTokenDesk {
  const signer = createTokenSigner(keys);
  const machineOf = credentialMachine({ signer, participants, newId, clock });
  return createTokenDesk({ signer, register, newId, clock, machineOf, ...(reused && { reused }) });
}

/** Tokens of clients with what stands behind them: the keys of the moment, and what instances know and do together. */
export interface Tokens {
  readonly tokens: HostedTokenDesk;
  readonly alone: Alone;
  readonly connections: readonly Connections[];
  close(): Promise<void>;
}

export async function openTokens(
  { config, secrets, lines, clock, log }: InstanceOptions,
  { security, metrics }: Care,
): Promise<Tokens> {
  const keys = watchKeys(config, secrets, clock, log);
  const { register, alone, connections, close } = await openTogether(secrets, clock, log);
  const desk = tokenDesk(secrets.livekitKeys, lines.participants, register, clock, security.reused);
  const tokens = countedTokens(desk, metrics);
  return {
    tokens,
    alone,
    connections,
    close() {
      keys.close();
      tokens.close();
      return close();
    },
  };
}
