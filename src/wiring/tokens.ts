import { randomBytes } from 'node:crypto';
import { deliverToken, removeParticipant, withdrawToken } from '../actors/change-token.ts';
import { drawToken, readToken, signToken } from '../actors/make-token.ts';
import type { Participants } from '../actors/participants.ts';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import { createToken } from '../machines/token/token.machine.ts';
import { createTokenDesk, type HostedTokenDesk } from '../runtime/token-desk.ts';

const newId = (): string => randomBytes(16).toString('base64url');

/** Tokens of clients, signed with the instance's key. */
export function tokenDesk(config: Config, secrets: Secrets, participants: Participants, clock: Clock): HostedTokenDesk {
  const apiKey = config.livekitApiKey;
  const signer = createTokenSigner({ apiKey, keys: secrets.livekitKeys });
  return createTokenDesk({
    signer,
    newId,
    clock,
    machineOf: (holder) =>
      createToken({
        drawToken: drawToken(signer, newId, clock),
        signToken: signToken(signer, holder, clock),
        readToken: readToken(signer, holder, clock),
        withdrawToken: withdrawToken(holder, clock),
        deliverToken: deliverToken(holder, clock),
        removeParticipant: removeParticipant(participants, clock),
      }),
  });
}
