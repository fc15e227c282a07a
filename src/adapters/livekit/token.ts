import type { TokenSigner } from '../../actors/token-signer.ts';
import type { Clock } from '../../clock.ts';
import { Secret } from '../../secret.ts';
import { claimsOf } from '../../token.ts';

interface AgentTokenOptions {
  readonly signer: TokenSigner;
  readonly roomName: string;
  readonly identity: string;
  /** What user interfaces show. */
  readonly agentName: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** A token with which the agent joins one room; each join takes a new one. Rejects when it cannot be signed. */
export async function agentToken({ signer, roomName, identity, agentName, clock }: AgentTokenOptions): Promise<string> {
  const attributes = { 'lk.agent.name': agentName, 'lk.agent.state': 'initializing' };
  const request = { preset: 'agent', identity, room: roomName, name: agentName, attributes } as const;
  const made = { jti: `${identity} ${clock.now()}`, atMs: clock.now() };
  const token = await signer.sign(claimsOf(request, signer.apiKey, made));
  if (token instanceof Secret) return token.reveal();
  throw new Error(token.message);
}
