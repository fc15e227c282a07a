import {
  AgentDispatchClient,
  EgressClient,
  IngressClient,
  RoomServiceClient,
  SipClient,
  type SIPGrant,
  type VideoGrant,
} from 'livekit-server-sdk';
import type { ApiKey } from '../../../key-ring.ts';
import { sdkError } from './errors.ts';
import { oneShotToken } from './one-shot-token.ts';
import { createTransport, type TransportOptions } from './transport.ts';

export interface LivekitApiOptions extends TransportOptions {
  /** Asked for each request: a key that was changed signs the next one. */
  readonly key: () => ApiKey;
}

/** LiveKit's API by the SDK's clients. What fails rejects with a `ControlError`; nothing is ever sent twice. */
export interface LivekitApi {
  readonly rooms: RoomServiceClient;
  readonly sip: SipClient;
  readonly egress: EgressClient;
  readonly ingress: IngressClient;
  readonly dispatch: AgentDispatchClient;
  /**
   * Takes no more, and resolves when all sockets are let go: what is under way has been answered, or was not within two
   * seconds and is given up. Idempotent.
   */
  close(): Promise<void>;
}

/** The clients of one instance: they share one pool, one limiter and one breaker. */
export function createLivekitApi(options: LivekitApiOptions): LivekitApi {
  const { url, key, clock } = options;
  const transport = createTransport(options);
  const authHeader = async (video: VideoGrant, sip?: SIPGrant) => {
    const rights = { ...(Object.keys(video).length > 0 && { video }), ...(sip && { sip }) };
    return { authorization: `Bearer ${await oneShotToken(key(), rights, clock.now())}` };
  };
  /** The SDK has no option for how requests are sent and signed: its own way is replaced. */
  const through = <Client extends object>(client: Client): Client =>
    telling(Object.assign(client, { rpc: transport, authHeader }) as Client);
  return {
    rooms: through(new RoomServiceClient(url, 'unused', 'unused')),
    sip: through(new SipClient(url, 'unused', 'unused')),
    egress: through(new EgressClient(url, 'unused', 'unused')),
    ingress: through(new IngressClient(url, 'unused', 'unused')),
    dispatch: through(new AgentDispatchClient(url, 'unused', 'unused')),
    close: transport.close,
  };
}

/** What the SDK itself throws becomes a `ControlError` too. */
function telling<Client extends object>(client: Client): Client {
  return new Proxy(client, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        try {
          return await (method.apply(target, args) as Promise<unknown>);
        } catch (error) {
          throw sdkError(String(name), error);
        }
      };
    },
  });
}
