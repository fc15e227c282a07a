import { z } from 'zod';
import { withoutKeys } from './model.ts';
import type { EgressFile, EgressInfo, EgressSource, EgressStatus } from './model.ts';

// LiveKit's `EgressInfo` as protobuf JSON, in lists and in webhooks: camelCase, 64-bit integers as strings, default values left out,
// an enumeration by its name or number. Only what is read is checked; a newer server says more.

const statuses: readonly EgressStatus[] = [
  'starting',
  'active',
  'ending',
  'complete',
  'failed',
  'aborted',
  'limit_reached',
];

const status = z.union([z.string(), z.int()]).transform((value, issues): EgressStatus => {
  const found =
    typeof value === 'number' ? statuses[value] : statuses.find((each) => `EGRESS_${each.toUpperCase()}` === value);
  if (found !== undefined) return found;
  issues.addIssue({ code: 'custom', message: 'is no status of an egress' });
  return z.NEVER;
});

const text = z.string().max(10_000).default('');
const amount = z
  .union([z.string().regex(/^-?\d{1,20}$/), z.number()])
  .default(0)
  .transform(Number);
/** Nanoseconds since 1970, or of a length. */
const ms = amount.transform((ns) => Math.round(ns / 1e6));

const target = z.object({ filepath: text, filenamePrefix: text });
const targets = z.array(target).max(100).default([]);
const request = z.object({
  roomName: text,
  file: target.optional(),
  segments: target.optional(),
  fileOutputs: targets,
  segmentOutputs: targets,
});

const file = z.object({ filename: text, location: text, size: amount, duration: ms });
const segments = z.object({ playlistName: text, playlistLocation: text, size: amount, duration: ms });
const stream = z.object({ url: text, status: z.union([z.string(), z.int()]).default('ACTIVE'), error: text });

const info = z.object({
  egressId: z.string().min(1).max(100),
  roomName: text,
  status: status.prefault(0),
  startedAt: ms,
  endedAt: ms,
  updatedAt: ms,
  error: text,
  fileResults: z.array(file).max(100).default([]),
  segmentResults: z.array(segments).max(100).default([]),
  streamResults: z.array(stream).max(100).default([]),
  roomComposite: request.optional(),
  trackComposite: request.optional(),
  participant: request.optional(),
  track: request.optional(),
  web: request.optional(),
});

const kinds = {
  roomComposite: 'room',
  trackComposite: 'tracks',
  participant: 'participant',
  track: 'track',
  web: 'web',
} as const satisfies Readonly<Record<string, EgressSource['kind']>>;

const names = Object.keys(kinds) as (keyof typeof kinds)[];
const streamStatuses = ['active', 'finished', 'failed'];

type Parsed = z.output<typeof info>;

/** Reads it; `error` says which field cannot be read. */
export const livekitEgress = info.transform((given): EgressInfo => {
  const name = names.find((each) => given[each] !== undefined);
  return {
    egressId: given.egressId,
    status: given.status,
    kind: name ? kinds[name] : 'other',
    room: given.roomName || (name && given[name]?.roomName) || '',
    paths: name ? pathsIn(given[name]!) : [],
    startedAtMs: given.startedAt,
    endedAtMs: given.endedAt,
    updatedAtMs: given.updatedAt,
    files: filesOf(given),
    streams: given.streamResults.map(({ url, status, error }) => ({
      url,
      status: typeof status === 'number' ? (streamStatuses[status] ?? 'unknown') : status.toLowerCase(),
      ...(error && { error: withoutKeys(error) }),
    })),
    ...(given.error && { error: withoutKeys(given.error) }),
  };
});

const pathsIn = ({ file, segments, fileOutputs, segmentOutputs }: z.output<typeof request>): readonly string[] => [
  ...new Set(
    [file, segments, ...fileOutputs, ...segmentOutputs].flatMap((each) => each?.filepath || each?.filenamePrefix || []),
  ),
];

const filesOf = ({ fileResults, segmentResults }: Parsed): readonly EgressFile[] => [
  ...fileResults.map(({ filename, location, size, duration }) => ({
    name: filename,
    location,
    sizeBytes: size,
    durationMs: duration,
  })),
  ...segmentResults.map(({ playlistName, playlistLocation, size, duration }) => ({
    name: playlistName,
    location: playlistLocation,
    sizeBytes: size,
    durationMs: duration,
  })),
];
