import { z } from 'zod';
import { readSourceUrl } from '../ingress.ts';
import { layouts } from './model.ts';
import { pathProblem } from './path.ts';
import { besides, noDash, outputTypes, refusal } from './table.ts';

/** Every message says what is allowed there. */

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

const name = (most: number) =>
  z
    .string(`must be text of 1 to ${most} bytes`)
    .refine((text) => text.length > 0 && bytesOf(text) <= most, `must have 1 to ${most} bytes`)
    .refine((text) => /^[^\p{Cc}\p{Cf}\p{Cs}]*$/u.test(text) && text === text.trim(), 'must be visible text')
    .refine((text) => text === text.normalize('NFC'), 'must be in Unicode form NFC');

const id = (prefix: string) =>
  z
    .string(`must be the id of a track, ${prefix}_…`)
    .regex(/^[A-Z]{2}_[\w-]{1,60}$/, `must be the id of a track, ${prefix}_…`);

const flag = z.boolean('must be true or false').default(false);

const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? `there is no such field; there are ${Object.keys(shape).join(', ')}`
        : `must be an object with the fields ${Object.keys(shape).join(', ')}`,
  });

const mostStreams = 20;
const mostUrlCharacters = 2_000;

const schemesOf = { rtmp: ['rtmp:', 'rtmps:'], srt: ['srt:'] } as const;

/** What is wrong with an address to send to; nothing when it may be used. It may hold a key and is not repeated. */
export function streamProblem(url: string, type: 'rtmp' | 'srt'): string | undefined {
  const schemes: readonly string[] = schemesOf[type];
  const parsed = url.length <= mostUrlCharacters ? URL.parse(url) : null;
  if (parsed && schemes.includes(parsed.protocol) && parsed.hostname !== '') return undefined;
  return `must be an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')} (what came is not shown)`;
}

const streamUrl = (type: 'rtmp' | 'srt') =>
  z.string('must be an address').superRefine((url, check) => {
    const message = streamProblem(url, type);
    if (message) check.addIssue({ code: 'custom', message });
  });

const storage = z.string('must be the name of a storage').min(1).max(100).optional();
const path = z.string('must be text').optional();
const file = <Type extends string>(type: Type) => fields({ type: z.literal(type), path, storage });
const stream = <Type extends 'rtmp' | 'srt'>(type: Type) =>
  fields({
    type: z.literal(type),
    urls: z
      .array(streamUrl(type), 'must be a list of addresses')
      .min(1, 'must name an address')
      .max(mostStreams, `at most ${mostStreams} addresses`)
      .refine((urls) => new Set(urls).size === urls.length, 'each address once'),
  });

const isDash = (input: unknown): boolean => (input as { readonly type?: unknown } | null)?.type === 'dash';

const output = z.discriminatedUnion(
  'type',
  [
    file('mp4'),
    file('ogg'),
    file('mp3'),
    file('webm'),
    fields({
      type: z.literal('hls'),
      path,
      storage,
      segmentSeconds: z
        .int('must be a whole number')
        .min(1, 'must be at least 1')
        .max(60, 'must be at most 60')
        .default(6),
    }),
    stream('rtmp'),
    stream('srt'),
  ],
  { error: ({ input }) => (isDash(input) ? noDash : `must have a type of ${outputTypes.join(', ')}`) },
);

export type OutputRequest = z.output<typeof output>;

const outputs = z
  .array(output, 'must be a list of outputs')
  .min(1, 'must name an output')
  .max(3, 'at most one file, one hls and one set of streams');

const layout = z.enum(layouts, `must be one of ${layouts.join(', ')}`);
const ofRoom = { room: name(256) };
const alone = { audioOnly: flag, videoOnly: flag };

/** The recorder opens it in a browser of its own: nothing of its own network is for others to see. */
const url = z.string('must be an address').superRefine((text, check) => {
  const read = readSourceUrl(text, { hosts: [] });
  if ('problem' in read) check.addIssue({ code: 'custom', message: read.problem });
});

const requests = z.discriminatedUnion(
  'kind',
  [
    fields({
      kind: z.literal('room'),
      ...ofRoom,
      layout: layout.optional(),
      ...alone,
      channels: z.enum(['mixed', 'dual'], 'must be mixed or dual').default('mixed'),
      outputs,
    }),
    fields({
      kind: z.literal('tracks'),
      ...ofRoom,
      audioTrack: id('TR').optional(),
      videoTrack: id('TR').optional(),
      outputs,
    }),
    fields({ kind: z.literal('participant'), ...ofRoom, identity: name(256), screenShare: flag, outputs }),
    fields({ kind: z.literal('track'), ...ofRoom, track: id('TR'), outputs: outputs.max(1, 'a track has one output') }),
    fields({ kind: z.literal('web'), url, ...alone, outputs }),
  ],
  { error: 'must have a kind of room, tracks, participant, track, web' },
);

type Parsed = z.output<typeof requests>;

/** Sound or pictures alone, where that is asked for. */
export function onlyOf(request: Parsed): 'audio' | 'video' | undefined {
  if ('audioOnly' in request) return request.audioOnly ? 'audio' : request.videoOnly ? 'video' : undefined;
  if (request.kind !== 'tracks') return undefined;
  return request.videoTrack === undefined ? 'audio' : request.audioTrack === undefined ? 'video' : undefined;
}

type Issue = { readonly path: readonly PropertyKey[]; readonly message: string };

const issue = (field: PropertyKey, message: string): Issue => ({ path: [field], message });

/** What no single field can know. */
function together(request: Parsed): readonly Issue[] {
  const isOf = (key: 'audioOnly' | 'videoOnly') => key in request && (request as Record<string, unknown>)[key] === true;
  return [
    ...(isOf('audioOnly') && isOf('videoOnly')
      ? [issue('videoOnly', 'must not be true with audioOnly: nothing would be left')]
      : []),
    ...(request.kind === 'room' && request.layout !== undefined && request.audioOnly
      ? [issue('layout', 'must be left out with audioOnly: there is nothing to be seen')]
      : []),
    ...(request.kind === 'room' && request.channels === 'dual' && !request.audioOnly
      ? [issue('channels', 'must be mixed unless audioOnly is true')]
      : []),
    ...(request.kind === 'tracks' && request.audioTrack === undefined && request.videoTrack === undefined
      ? [issue('audioTrack', 'must be given, or videoTrack')]
      : []),
    ...ofOutputs(request),
  ];
}

const groupOf = (type: string): string =>
  type === 'hls' ? 'hls' : type === 'rtmp' || type === 'srt' ? 'set of streams' : 'file';

function ofOutputs(request: Parsed): readonly Issue[] {
  const only = onlyOf(request);
  const source = { kind: request.kind, ...(only && { only }) };
  const types = request.outputs.map(({ type }) => type);
  const groups = types.map(groupOf);
  return request.outputs.flatMap((output, index) => {
    const refused = refusal(source, output.type) ?? besides(output.type, types);
    const twice = groups.indexOf(groups[index]!) < index;
    const wrongPath =
      'path' in output && output.path !== undefined ? pathProblem(output.path, request.kind) : undefined;
    return [
      ...(refused ? [{ path: ['outputs', index, 'type'], message: refused }] : []),
      ...(twice
        ? [{ path: ['outputs', index], message: `there may be one ${groups[index]} at once: ask for another egress` }]
        : []),
      ...(wrongPath ? [{ path: ['outputs', index, 'path'], message: wrongPath }] : []),
    ];
  });
}

/** An egress as it is asked for. What LiveKit cannot do is refused with what it can do instead. */
export const egressRequest = requests.superRefine((request, check) => {
  for (const { path, message } of together(request)) check.addIssue({ code: 'custom', path: [...path], message });
});

export type EgressRequest = z.output<typeof egressRequest>;

/** Another layout for an egress that goes on. */
export const layoutChange = fields({ layout });

const urls = z
  .array(z.string('must be an address').max(mostUrlCharacters), 'must be a list of addresses')
  .max(mostStreams, `at most ${mostStreams} addresses`)
  .default([]);

/** Addresses to send to as well, and no longer; which ones may be given depends on the egress. */
export const streamChange = fields({ add: urls, remove: urls }).refine(
  ({ add, remove }) => add.length + remove.length > 0,
  { path: ['add'], message: 'must name an address, or remove must' },
);
