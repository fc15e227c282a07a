/** Where to listen. `host` without brackets; port 0 lets the system choose. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const bracketed = /^\[([0-9a-f:.]+(?:%[\w.]+)?)\]:(\d{1,5})$/i;
const plain = /^([\w.-]+):(\d{1,5})$/;

/** `host:port`, an IPv6 host in brackets; `undefined` when it is not one. */
export function parseAddress(text: string): Address | undefined {
  const [, host, digits] = bracketed.exec(text) ?? plain.exec(text) ?? [];
  const port = Number(digits);
  return host === undefined || port > 65_535 ? undefined : { host, port };
}

/** As it is written in a URL or a setting. */
export const showAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** True for names and addresses that only this machine can reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '0:0:0:0:0:0:0:1' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Whoever listens at all addresses is asked at this machine's own. */
export const reachable = ({ host, port }: Address): Address => ({
  host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host,
  port,
});
