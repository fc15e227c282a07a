import type { Secret } from '../secret.ts';

// What can be said of telephone lines, in the file and of the server alike. An empty list or text means none.

export interface SipAuth {
  readonly username: string;
  readonly password: Secret;
}

/** Calls that come in. A call belongs to the trunk of the number that was dialled. */
export interface InboundTrunk {
  readonly kind: 'inbound';
  readonly name: string;
  /** Numbers of ours; none: every number that no other trunk has. */
  readonly numbers: readonly string[];
  /** IP addresses, networks (`203.0.113.0/24`) or host names that calls may come from; none: any. */
  readonly allowedAddresses: readonly string[];
  /** Callers; none: any. */
  readonly allowedNumbers: readonly string[];
  readonly auth?: SipAuth;
  readonly ringSeconds?: number;
  readonly maxCallSeconds?: number;
  /** SIP header → attribute of the participant. */
  readonly headersToAttributes: Readonly<Record<string, string>>;
  readonly metadata: string;
}

/** Calls that go out. */
export interface OutboundTrunk {
  readonly kind: 'outbound';
  readonly name: string;
  /** `host` or `host:port`. */
  readonly address: string;
  /** Numbers to call from. */
  readonly numbers: readonly string[];
  readonly transport: Transport;
  readonly auth?: SipAuth;
  /** Two letters. */
  readonly country: string;
  readonly metadata: string;
}

/** In the order of LiveKit's enumeration. */
export const transports = ['auto', 'udp', 'tcp', 'tls'] as const;
export type Transport = (typeof transports)[number];

/** The name of a call's room. LiveKit adds the caller's number and twelve random characters, or the called number. */
export type RoomNaming =
  | { readonly type: 'individual'; readonly prefix: string }
  | { readonly type: 'callee'; readonly prefix: string; readonly randomize: boolean }
  | { readonly type: 'direct'; readonly name: string };

/** Which room the calls of some trunks go to. */
export interface DispatchRule {
  readonly kind: 'rule';
  readonly name: string;
  /** In the file the names of inbound trunks, on the server their ids; none, which a file never has: all trunks. */
  readonly trunks: readonly string[];
  /** Called numbers, written as the provider writes them; none: all of the trunks. */
  readonly numbers: readonly string[];
  readonly room: RoomNaming;
  readonly pin?: Secret;
  readonly hideNumber: boolean;
  /** Of the participant; `voicechart.agent` names the agent that answers. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly metadata: string;
}

export type SipThing = InboundTrunk | OutboundTrunk | DispatchRule;
export type SipKind = SipThing['kind'];
/** On the server, with its id there. */
export type Held<Thing extends SipThing = SipThing> = Thing & { readonly id: string };

export const agentAttribute = 'voicechart.agent';

/** What only one thing of a kind may have: a called number; a trunk, number and PIN. May hold a PIN: never to be shown. */
export function claimsOf(thing: SipThing): readonly string[] {
  if (thing.kind === 'outbound') return [];
  const numbers = thing.numbers.length > 0 ? thing.numbers.map(normalNumber) : [''];
  if (thing.kind === 'inbound') return numbers;
  const pin = thing.pin?.reveal() ?? '';
  const trunks = thing.trunks.length > 0 ? thing.trunks : [''];
  return trunks.flatMap((trunk) => numbers.map((number) => JSON.stringify([trunk, number, pin])));
}

/** As LiveKit compares numbers: `49 30-123` is `+4930123`. */
export const normalNumber = (number: string): string =>
  /^\+?[\d\- ()]+$/.test(number) ? `+${number.replace(/[+\- ()]/g, '')}` : number;
