import { randomBytes } from 'node:crypto';
import { deliverToken, removeParticipant, withdrawToken } from '../actors/change-token.ts';
import { drawToken, readToken, signToken } from '../actors/make-token.ts';
import type { Participants } from '../actors/participants.ts';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import type { Clock } from '../clock.ts';
import type { KeyRing } from '../key-ring.ts';
import type { TokenHolder } from '../actors/token-holder.ts';
import type { TokenSigner } from '../actors/token-signer.ts';
import { createToken, type TokenMachine } from '../machines/token/token.machine.ts';
import type { RoomName, TokenRegister } from '../runtime/token-register.ts';
import { createTokenDesk, type HostedTokenDesk } from '../runtime/token-desk.ts';

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
