import { AccessToken } from 'livekit-server-sdk';
import type { Secret } from '../../secret.ts';

const ttlSeconds = 600;

/**
 * A token with which the agent joins one room, as kind agent: it neither counts as a participant nor holds an abandoned room open.
 * `canUpdateOwnMetadata`, because without it attributes are set in vain and without an error.
 */
export function agentToken(options: {
  readonly apiKey: string;
  readonly apiSecret: Secret;
  readonly roomName: string;
  readonly identity: string;
  readonly agentName: string;
}): Promise<string> {
  const { apiKey, apiSecret, roomName, identity, agentName } = options;
  const token = new AccessToken(apiKey, apiSecret.reveal(), {
    identity,
    name: agentName,
    ttl: ttlSeconds,
    attributes: { 'voicechart.role': 'agent', 'lk.agent.name': agentName, 'lk.agent.state': 'initializing' },
  });
  token.kind = 'agent';
  token.addGrant({
    roomJoin: true,
    room: roomName,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: true,
  });
  return token.toJwt();
}
