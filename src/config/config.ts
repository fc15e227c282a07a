import type { Storages } from '../egress.ts';
import type { ChangingKeyRing } from '../key-ring.ts';
import type { Secret } from '../secret.ts';
import type { readSip } from '../sip.ts';
import type { VendorKeys } from '../vendor-keys.ts';
import type { Address } from './address.ts';
import type { Settings } from './schema.ts';

export const vendorNames = ['deepgram', 'openai', 'groq', 'cartesia'] as const;
export type VendorName = (typeof vendorNames)[number];

export interface VendorConfig {
  /** Left out: the vendor's own. */
  readonly baseUrl?: string;
  /** Certificate authority (PEM) to trust besides the system's; Cartesia only, whose client insists on TLS. */
  readonly caFile?: string;
}

/** Who may be called, and how much. */
export interface OutboundConfig {
  /** Beginnings of numbers, such as `+49`. */
  readonly allow: readonly string[];
  /** Name or id of LiveKit's outbound trunk. */
  readonly trunk: string;
  /** Calls out at once. */
  readonly concurrent: number;
  /** Of calls out, a day (UTC). */
  readonly dailyMinutes: number;
}

/** A receiver of alerts: who knows one of the secrets knows that they are ours. */
export interface AlertReceiver {
  readonly url: Secret;
  /** Left out: the same. */
  readonly heartbeatUrl?: Secret;
  readonly signing: readonly Secret[];
}

/** What may be printed. */
export interface Config {
  readonly production: boolean;
  readonly livekitUrl: string;
  /** Another host that takes the same keys, for when that one is away. */
  readonly livekitFallbackUrl?: string;
  /** Where `Secrets.livekitKeys` came from, and what is to be watched. Left out: from the settings. */
  readonly livekitKeysFile?: string;
  /** LiveKit's URL and keys need not be safe from who listens on the way, though it may be far. */
  readonly allowInsecureLivekit: boolean;
  /** LiveKit's keys must be long: it is on another machine, or this is production. */
  readonly longLivekitKeys: boolean;
  /** Where livekit-sip takes calls: asked whether it is there. */
  readonly livekitSipAddr?: Address;
  /** The `health_port` of each of LiveKit's workers, as far as they are told. */
  readonly workerHealth: { readonly sip?: string; readonly egress?: string; readonly ingress?: string };
  /** Telephone lines that recovery may restore. Left out: it leaves them alone. */
  readonly sipFile?: string;
  readonly vendors: Readonly<Record<VendorName, VendorConfig>>;
  /** File or folder of agents. */
  readonly agents: string;
  readonly roomPrefix: string;
  /** Rooms of ours that are no calls. */
  readonly declaredRooms: readonly string[];
  readonly roomLimits: { readonly rooms: number; readonly participants: number };
  /** Where media may be pulled from. Empty: from anywhere in the Internet. */
  readonly ingressHosts: readonly string[];
  readonly webhookAddr: Address;
  readonly apiAddr: Address;
  /** By which https address browsers reach the API, behind a proxy; left out: by a name of this machine. */
  readonly consoleUrl?: string;
  readonly healthAddr: Address;
  readonly dataDir: string;
  /** How long transcripts and journals of calls stay, and what is known of recordings that are over. */
  readonly keepCallsMs: number;
  /** How long webhooks are still served after the instance was asked to stop, while others go on with its calls. */
  readonly drainMs: number;
  /** Left out: nobody is called. */
  readonly outbound?: OutboundConfig;
  readonly security: {
    /** Beginnings of numbers that cost more than a call. */
    readonly premium: readonly string[];
    /** From one number within a minute. */
    readonly callsPerMinute: number;
    /** Addresses and networks whose X-Forwarded-For is believed. */
    readonly trustedProxies: readonly string[];
  };
  readonly alerts: {
    /** Whether their receiver may be of this machine or a private network. */
    readonly allowInside: boolean;
    /** Left out: no heartbeat. */
    readonly heartbeatMs?: number;
  };
  /** The collector that spans go to, by OTLP. Left out: there are none. */
  readonly traces?: { readonly endpoint: string; readonly service: string };
  /** Whom new callers are put through to when nothing else works: `tel:+…` or `sip:user@host`. Left out: they are told goodbye. */
  readonly failsafeTransferTo?: string;
  /** Calls of this instance at once: all of them, over one trunk, and to one number of ours. Left out: as many as there is place for. */
  readonly callLimits: { readonly calls?: number; readonly perTrunk?: number; readonly perNumber?: number };
  /** Processes that run calls, beside this one. 0: this one runs them itself; `auto`: as many as there are cores. */
  readonly workers: number | 'auto';
  readonly statelyInspect: boolean;
  readonly logLevel: Settings['LOG_LEVEL'];
}

export interface Secrets {
  /** Reads the text of a `sip.yaml`, with the variables of the environment that it names. */
  readonly readSip: (text: string) => ReturnType<typeof readSip>;
  readonly livekitKeys: ChangingKeyRing;
  /** What instances share. Left out: there is this one alone. */
  readonly redisUrl?: Secret;
  readonly vendors: Readonly<Partial<Record<VendorName, VendorKeys>>>;
  /** Who is told what is wrong. Left out: the log alone. Addresses may hold tokens. */
  readonly alerts?: AlertReceiver;
  /** What the collector of spans asks for, by names of headers. */
  readonly traceHeaders: ReadonlyMap<string, Secret>;
  /** Where recordings are kept, with what opens it. */
  readonly storages: Storages;
}
