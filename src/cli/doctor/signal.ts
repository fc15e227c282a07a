import { randomUUID } from 'node:crypto';
import { createTokenSigner } from '../../adapters/jose/token-signer.ts';
import { askVersion } from '../../adapters/livekit/server-version.ts';
import type { Clock } from '../../clock.ts';
import { createKeyRing } from '../../key-ring.ts';
import { redact } from '../../failure.ts';
import { Secret } from '../../secret.ts';
import { claimsOf } from '../../token.ts';
import { type Checking, toMend, well } from './finding.ts';
import type { ReachedLivekit } from './livekit.ts';
import { roomBeside } from './webhooks.ts';

const check = 'signal';

/** Whether a WebSocket comes through to LiveKit, whatever stands before it; the server's version comes with it. */
export async function checkSignal(
  { url, apiKey, apiSecret, api }: ReachedLivekit,
  { roomPrefix, clock }: { readonly roomPrefix: string; readonly clock: Clock },
  { tell, signal }: Checking,
): Promise<void> {
  const room = roomBeside(roomPrefix);
  const signer = createTokenSigner(createKeyRing(new Map([[apiKey, apiSecret]])));
  const request = { preset: 'viewer', identity: 'voicechart-check', room, lifeSeconds: 60 } as const;
  const token = await signer.sign(claimsOf(request, apiKey, { jti: randomUUID(), atMs: clock.now() }));
  if (!(token instanceof Secret)) throw new Error(token.message);
  const askedAt = performance.now();
  try {
    const version = await askVersion(url, token, signal);
    const openedMs = Math.round(performance.now() - askedAt);
    tell(well(check, `livekit-server ${version} lets clients in by WebSocket, after ${openedMs} ms`, { openedMs }));
  } catch (error) {
    const saw = `no WebSocket comes through to ${url}: ${redact((error as Error).message)}`;
    tell(toMend(check, saw, 'let `Upgrade: websocket` pass at /rtc, in the proxy before LiveKit'));
  } finally {
    await api.rooms.deleteRoom(room).catch(() => undefined);
  }
}
