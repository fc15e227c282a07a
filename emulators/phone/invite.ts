import { z } from 'zod';

/** Header names and values of the INVITE. */
export type Headers = Readonly<Record<string, string>>;

const wanted = z.object({
  include: z.array(z.string()).default([]),
  exclude: z.array(z.string()).default([]),
});

/**
 * Answers the RPC `lk.sip.GetRemoteHeaders`: payload `{ include, exclude }`, lists of names in any case, both optional; gives
 * `{ headers }` as JSON. Throws for any other payload.
 */
export function remoteHeaders(headers: Headers, payload: string): string {
  const { include, exclude } = wanted.parse(JSON.parse(payload || '{}'));
  const left = Object.entries(headers).filter(
    ([name]) => (include.length === 0 || has(include, name)) && !has(exclude, name),
  );
  return JSON.stringify({ headers: Object.fromEntries(left) });
}

const has = (names: readonly string[], name: string): boolean =>
  names.some((other) => other.toLowerCase() === name.toLowerCase());

const ending = z.object({ headers: z.record(z.string(), z.string()).default({}) });

/** The headers that the RPC `lk.sip.EndCall` wants in the BYE. Throws for a payload that is not `{ headers? }`. */
export const byeHeaders = (payload: string): Headers => ending.parse(JSON.parse(payload || '{}')).headers;
