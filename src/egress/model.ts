import type { Secret } from '../secret.ts';

/** Layouts of LiveKit's own template; each also in light and dark. */
export const layouts = ['grid', 'speaker', 'single-speaker'].flatMap((name) => [name, `${name}-light`, `${name}-dark`]);

/** What is recorded or sent on. `only`: its sound or its pictures alone. */
export type EgressSource<Hidden = Secret> =
  | {
      readonly kind: 'room';
      readonly room: string;
      readonly layout?: string;
      readonly only?: 'audio' | 'video';
      /** Agents on the left channel, everybody else on the right. */
      readonly dual?: true;
    }
  /** One track of sound, one of pictures, or one of each, kept in step by LiveKit. */
  | { readonly kind: 'tracks'; readonly room: string; readonly audioTrack?: string; readonly videoTrack?: string }
  | { readonly kind: 'participant'; readonly room: string; readonly identity: string; readonly screenShare: boolean }
  /** As it was sent, without decoding. */
  | { readonly kind: 'track'; readonly room: string; readonly track: string }
  /** A page, as a browser shows it. What comes after its path may be a key of its own. */
  | { readonly kind: 'web'; readonly url: Hidden; readonly only?: 'audio' | 'video' };

export const fileTypes = ['mp4', 'ogg', 'mp3', 'webm'] as const;
const streamTypes = ['rtmp', 'srt'] as const;

export type EgressOutput<Hidden = Secret> =
  /** `path` as LiveKit is given it: the storage's folder included, its own placeholders still in it. */
  | { readonly type: (typeof fileTypes)[number]; readonly path: string; readonly storage: string }
  /** `path` is how the names of segments begin. */
  | {
      readonly type: 'hls';
      readonly path: string;
      readonly playlist: string;
      readonly livePlaylist: string;
      readonly segmentSeconds: number;
      readonly storage: string;
    }
  /** Addresses hold the key of whoever is sent to. */
  | { readonly type: (typeof streamTypes)[number]; readonly urls: readonly Hidden[] };

/** An egress as it is asked for, checked and completed; at most one file, one HLS and one set of streams. */
export interface EgressOrder<Hidden = Secret> {
  readonly source: EgressSource<Hidden>;
  readonly outputs: readonly EgressOutput<Hidden>[];
}

/** What may be shown and stored: plain JSON. */
export type ShownOrder = EgressOrder<string>;

/** An address up to its first key: scheme, host and, of a stream, the name of the application. */
function shownUrl(url: Secret): string {
  const { protocol, host, pathname } = new URL(url.reveal());
  const application = /^(?:rtmps?|srt):$/.test(protocol) ? pathname.split('/')[1] : '';
  return `${protocol}//${host}/${application ? `${application}/` : ''}…`;
}

/** Foreign words without what follows the host in an address, which may be a key. */
export const withoutKeys = (text: string): string =>
  text
    .slice(0, 10_000)
    .replaceAll(/\b([a-z]{2,8}:\/\/[^\s/@?]+)[^\s"')]*/gi, '$1/…')
    .slice(0, 300);

/** The order without its keys. */
export const shownOrder = ({ source, outputs }: EgressOrder): ShownOrder => ({
  source: source.kind === 'web' ? { ...source, url: shownUrl(source.url) } : source,
  outputs: outputs.map((output) => ('urls' in output ? { ...output, urls: output.urls.map(shownUrl) } : output)),
});

/** Paths that are written to, in the order of the outputs. */
const pathsOf = ({ outputs }: Pick<ShownOrder, 'outputs'>): readonly string[] =>
  outputs.flatMap((output) => ('path' in output ? [output.path] : []));

/** The room it is of; a page has none. */
export const roomOf = (source: EgressSource<unknown>): string => (source.kind === 'web' ? '' : source.room);

export type EgressStatus = 'starting' | 'active' | 'ending' | 'complete' | 'failed' | 'aborted' | 'limit_reached';

export interface EgressFile {
  /** Path or name at the storage. */
  readonly name: string;
  /** Where it lies; empty until it is there. */
  readonly location: string;
  readonly sizeBytes: number;
  readonly durationMs: number;
}

/** An egress as LiveKit has it. Plain JSON. */
export interface EgressInfo {
  /** `EG_…` */
  readonly egressId: string;
  readonly status: EgressStatus;
  readonly kind: EgressSource['kind'] | 'other';
  readonly room: string;
  /** Paths it was asked to write to. */
  readonly paths: readonly string[];
  /** ms since 1970; 0: not yet. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly updatedAtMs: number;
  readonly files: readonly EgressFile[];
  readonly streams: readonly { readonly url: string; readonly status: string; readonly error?: string }[];
  /** LiveKit's own words. */
  readonly error?: string;
}

const rank: Readonly<Record<EgressStatus, number>> = {
  starting: 0,
  active: 1,
  ending: 2,
  complete: 3,
  failed: 3,
  aborted: 3,
  limit_reached: 3,
};

export const hasEnded = (status: EgressStatus): boolean => rank[status] === 3;

/** Webhooks and lists cross: what is older than what is known is no news. */
export const isNews = (known: EgressInfo | undefined, next: EgressInfo): boolean =>
  known === undefined || (known.egressId === next.egressId && rank[next.status] >= rank[known.status]);

/** Clocks of two machines. */
const skewMs = 30_000;

/**
 * The egress that an order led to, of which no answer came: LiveKit takes no key of ours, so it is known by what it does. Paths
 * are ours alone where they hold an id. `taken`: ids of egresses that belong to other orders.
 */
export function foundFor(
  order: ShownOrder,
  askedAtMs: number,
  list: readonly EgressInfo[],
  taken: (egressId: string) => boolean,
): EgressInfo | undefined {
  const paths = pathsOf(order);
  const fits = (info: EgressInfo) =>
    info.kind === order.source.kind &&
    info.room === roomOf(order.source) &&
    info.paths.length === paths.length &&
    paths.every((path) => info.paths.includes(path)) &&
    Math.max(info.startedAtMs, info.updatedAtMs) >= askedAtMs - skewMs &&
    !taken(info.egressId);
  return list.filter(fits).toSorted((a, b) => a.startedAtMs - b.startedAtMs)[0];
}
