import { createTransport, type Transport, type TransportOptions } from './transport.ts';

export interface TransportsOptions extends Omit<TransportOptions, 'url'> {
  /** Of the server, or where it is at the moment of each request. */
  readonly url: string | (() => string);
}

export interface Transports extends Pick<Transport, 'request' | 'close'> {
  /** To this host, wherever the others go. */
  at(host: string): Pick<Transport, 'request'>;
  /** What is sent from now on, to whichever host, goes over new sockets; what is under way is still answered over its own. */
  renew(): void;
}

/** One transport for each host that is asked: a host that is away harms no request to another. */
export function createTransports({ url, ...options }: TransportsOptions): Transports {
  const now = typeof url === 'string' ? () => url : url;
  const open = new Map<string, Transport>();
  const retired: Transport[] = [];
  let closed = false;

  const add = (host: string): Transport => {
    const transport = createTransport({ ...options, url: host });
    open.set(host, transport);
    return transport;
  };
  const first = add(now());
  // After the end no pool is opened that nobody would close; one that is closed refuses by itself.
  const at = (host: string): Transport => open.get(host) ?? (closed ? first : add(host));

  return {
    request: (...asked) => at(now()).request(...asked),
    at: (host) => ({ request: (...asked) => at(host).request(...asked) }),
    renew() {
      for (const [host, stale] of closed ? [] : [...open]) {
        retired.push(stale);
        void stale.retire().then(() => void retired.splice(retired.indexOf(stale), 1));
        add(host);
      }
    },
    async close() {
      closed = true;
      await Promise.all([...open.values(), ...retired].map((each) => each.close()));
    },
  };
}
