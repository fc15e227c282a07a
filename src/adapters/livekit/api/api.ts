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
import type { Transport } from './transport.ts';
import { createTransports, type TransportsOptions } from './transports.ts';

export interface LivekitApiOptions extends TransportsOptions {
  /** Asked for each request: a key that was changed signs the next one. */
  readonly key: () => ApiKey;
}

/** LiveKit's API by the SDK's clients. What fails rejects with a `ControlError`; nothing is ever sent twice. */
export interface LivekitClients {
  readonly rooms: RoomServiceClient;
  readonly sip: SipClient;
  readonly egress: EgressClient;
  readonly ingress: IngressClient;
  readonly dispatch: AgentDispatchClient;
}

/** The clients of one instance: they share one pool, one limiter and one breaker for each host. */
export interface LivekitApi extends LivekitClients {
  /** Of this host, wherever the others go. */
  at(host: string): LivekitClients;
  /** Lets go of sockets that may be stale: what is sent from now on opens others. */
  renew(): void;
  /**
   * Takes no more, and resolves when all sockets are let go: what is under way has been answered, or was not within two
   * seconds and is given up. Idempotent.
   */
  close(): Promise<void>;
}

export function createLivekitApi({ key, ...options }: LivekitApiOptions): LivekitApi {
  const transports = createTransports(options);
  const authHeader = async (video: VideoGrant, sip?: SIPGrant) => {
    const rights = { ...(Object.keys(video).length > 0 && { video }), ...(sip && { sip }) };
    return { authorization: `Bearer ${await oneShotToken(key(), rights, options.clock.now())}` };
  };
  return {
    ...clientsOver(transports, authHeader),
    at: (host) => clientsOver(transports.at(host), authHeader),
    renew: transports.renew,
    close: transports.close,
  };
}

type Signing = (video: VideoGrant, sip?: SIPGrant) => Promise<{ readonly authorization: string }>;

/** The transport knows where the server is, and each request brings its own token. */
const unused = ['http://unused', 'unused', 'unused'] as const;

function clientsOver(transport: Pick<Transport, 'request'>, authHeader: Signing): LivekitClients {
  /** The SDK has no option for how requests are sent and signed: its own way is replaced. */
  const through = <Client extends object>(client: Client): Client =>
    telling(Object.assign(client, { rpc: transport, authHeader }) as Client);
  return {
    rooms: through(new RoomServiceClient(...unused)),
    sip: through(new SipClient(...unused)),
    egress: through(new EgressClient(...unused)),
    ingress: through(new IngressClient(...unused)),
    dispatch: through(new AgentDispatchClient(...unused)),
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
