import { isIP } from 'node:net';
import { insideKind } from './addresses.ts';

/** Which hosts media may be pulled from. */
export interface SourceRules {
  /** Names, and `*.name` for what is below one. Empty: any host in the Internet. */
  readonly hosts: readonly string[];
}

const mostCharacters = 2048;

/** Names that mean this machine or this network, whatever they resolve to. */
const insideNames = /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|arpa)$/;

/** Labels with dots between them: a name alone is one of this network. */
const wholeName = /^(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/;

/** An address that may be asked for, or why not. A refusal never repeats the address: it may hold a password. */
export type UrlReading = { readonly url: URL } | { readonly problem: string };

/** Reads an address as far as that goes without asking anybody. What is not refused is in its usual form. */
export function readSourceUrl(text: string, rules: SourceRules): UrlReading {
  // oxlint-disable-next-line no-control-regex
  if (text.length > mostCharacters || /[\u0000-\u0020\u007f\\]/.test(text))
    return { problem: `must be one line of at most ${mostCharacters} characters, without spaces and backslashes` };
  const url = URL.parse(text);
  const problem = url === null ? 'must be an address such as https://example.com/film.mp4' : fault(url, text, rules);
  if (url === null || problem !== undefined) return { problem: problem ?? '' };
  url.hash = '';
  return { url };
}

function fault(url: URL, text: string, { hosts }: SourceRules): string | undefined {
  if (!/^https?:$/.test(url.protocol) || !/^https?:\/\//i.test(text)) return 'must begin with https:// or http://';
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/?#]*@/.test(text))
    return 'must not have a user or password in it';
  const port = Number(url.port || 80);
  if (port !== 80 && port !== 443 && port < 1024) return 'must have port 80, 443 or one from 1024 on';
  return hostFault(hostOf(url), text) ?? (isAllowed(hostOf(url), hosts) ? undefined : `must be at ${hosts.join(', ')}`);
}

/** Without brackets and the root's dot; lower case. */
export const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

function hostFault(host: string, text: string): string | undefined {
  if (isIP(host) === 0)
    return wholeName.test(host) && !insideNames.test(host) ? undefined : 'must be at a host of the Internet';
  const kind = insideKind(host);
  if (kind !== undefined) return `must be at a host of the Internet; this address is ${kind}`;
  // 2130706433, 0177.1 and 0x7f.1 are addresses too, and are read in other ways by others.
  return text.toLowerCase().includes(host)
    ? undefined
    : 'must have its address in the usual form, such as 93.184.215.14';
}

function isAllowed(host: string, hosts: readonly string[]): boolean {
  if (hosts.length === 0) return true;
  return hosts.some((each) => (each.startsWith('*.') ? host.endsWith(each.slice(1)) : host === each));
}

/** As it may be shown: what follows the question mark is often a key. */
export const shownUrl = (text: string): string => text.replace(/\?.+$/, '?…');
