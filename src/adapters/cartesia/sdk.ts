import { createRequire } from 'node:module';
import type { Cartesia as CartesiaClient } from '@cartesia/cartesia-js';
import type { TTSWS } from '@cartesia/cartesia-js/resources/tts/ws';
import type { WebSocket } from 'ws';
import type { Secret } from '../../secret.ts';

export interface SdkOptions {
  readonly apiKey: Secret;
  readonly baseUrl: string;
  /** PEM of a CA to trust instead of the usual ones. */
  readonly ca?: string;
  readonly version: string;
  readonly handshakeTimeoutMs: number;
}

// By `import` the SDK takes Node's own WebSocket, which ignores all socket options and carries the key in the address.
const require = createRequire(import.meta.url);
const { Cartesia } = require('@cartesia/cartesia-js') as { readonly Cartesia: typeof CartesiaClient };
const tts = require('@cartesia/cartesia-js/resources/tts/ws') as { readonly TTSWS: typeof TTSWS };

export interface SdkSocket {
  readonly sdk: TTSWS;
  /** What the SDK hides: status of a refused handshake, close codes, errors with their code. */
  readonly socket: WebSocket;
}

/** Begins to connect. Whoever calls this attaches its listeners before anything else may run. */
export function openSdkSocket(options: SdkOptions): SdkSocket {
  const client = new Cartesia({
    apiKey: options.apiKey.reveal(),
    token: null,
    baseURL: options.baseUrl,
    maxRetries: 0,
    timeout: 10_000,
    logLevel: 'off',
  });
  const sdk = new tts.TTSWS(client, {
    headers: { 'cartesia-version': options.version },
    handshakeTimeout: options.handshakeTimeoutMs,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: 1 << 22,
    ...(options.ca !== undefined && { ca: options.ca }),
  });
  return { sdk, socket: sdk.socket as unknown as WebSocket };
}
