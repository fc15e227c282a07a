import { z } from 'zod';
import {
  identifier,
  isOwnRoom,
  isReservedIdentity,
  metadataObject,
  type OwnRooms,
  ownRoomsOnly,
  reservedIdentity,
  shownName,
  strict,
} from '../fields.ts';
import { readSourceUrl, type SourceRules } from './source-url.ts';

/** How sound is sent on into the room. */
export const audioPresets = ['opus_stereo_96kbps', 'opus_mono_64kbs'] as const;
export type AudioPreset = (typeof audioPresets)[number];

/** How pictures are sent on into the room: height, frames a second, and how many sizes of it (simulcast). */
export const videoPresets = [
  'h264_720p_30fps_3_layers',
  'h264_1080p_30fps_3_layers',
  'h264_540p_25fps_2_layers',
  'h264_720p_30fps_1_layer',
  'h264_1080p_30fps_1_layer',
  'h264_720p_30fps_3_layers_high_motion',
  'h264_1080p_30fps_3_layers_high_motion',
  'h264_540p_25fps_2_layers_high_motion',
  'h264_720p_30fps_1_layer_high_motion',
  'h264_1080p_30fps_1_layer_high_motion',
] as const;
export type VideoPreset = (typeof videoPresets)[number];

const trueOrFalse = z.boolean('must be true or false');
const oneOf = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, `must be one of ${words.join(', ')}`);

/** What every input may have, by rules that depend on the deployment. */
function commonOf(own: OwnRooms) {
  return {
    name: shownName,
    room: identifier.refine((room) => isOwnRoom(own, room), ownRoomsOnly(own)).describe(ownRoomsOnly(own)),
    identity: identifier.refine((identity) => !isReservedIdentity(identity), reservedIdentity),
    participantName: shownName.exactOptional(),
    metadata: metadataObject().exactOptional(),
  };
}

/** As they are encoded anew; LiveKit's own choice where nothing is said. */
const encoding = {
  audio: z.strictObject({ preset: oneOf(audioPresets) }, strict).exactOptional(),
  video: z.strictObject({ preset: oneOf(videoPresets) }, strict).exactOptional(),
};

export interface IngressRules {
  readonly rooms: OwnRooms;
  readonly sources: SourceRules;
}

/** What may be asked for. Objects are strict; what is left out is as LiveKit has it. */
export function ingressSchemas({ rooms, sources }: IngressRules) {
  const common = commonOf(rooms);
  const rtmp = z.strictObject(
    { input: z.literal('rtmp'), ...common, enabled: trueOrFalse.default(true), ...encoding },
    strict,
  );
  const whip = z
    .strictObject(
      {
        input: z.literal('whip'),
        ...common,
        enabled: trueOrFalse.default(true),
        transcode: trueOrFalse.default(false),
        ...encoding,
      },
      strict,
    )
    .refine(({ transcode, audio, video }) => transcode || (!audio && !video), {
      path: ['transcode'],
      message: 'must be true for audio or video to be encoded anew',
    });
  const url = z.strictObject({ input: z.literal('url'), url: source(sources), ...common, ...encoding }, strict);
  return {
    create: z.discriminatedUnion('input', [rtmp, whip, url], { error: unknownInput }),
    change: z
      .strictObject(
        {
          ...optional(common),
          enabled: trueOrFalse.exactOptional(),
          transcode: trueOrFalse.exactOptional(),
          ...encoding,
        },
        strict,
      )
      .refine((change) => Object.keys(change).length > 0, 'must change something'),
    id: identifier,
    room: common.room,
  };
}

const optional = ({ name, room, identity, ...rest }: ReturnType<typeof commonOf>) => ({
  name: name.exactOptional(),
  room: room.exactOptional(),
  identity: identity.exactOptional(),
  ...rest,
});

const unknownInput = (issue: { readonly code?: string }): string =>
  issue.code === 'invalid_union' ? 'must be one of rtmp, whip, url' : 'must be an object';

const source = (rules: SourceRules) =>
  z.string('must be text').transform((text, context) => {
    const reading = readSourceUrl(text, rules);
    if ('url' in reading) return reading.url.href;
    context.addIssue({ code: 'custom', message: reading.problem });
    return z.NEVER;
  });

type Schemas = ReturnType<typeof ingressSchemas>;

export type IngressAsked = z.input<Schemas['create']>;
/** What is to be made, `url` in its usual form. */
export type IngressRequest = z.output<Schemas['create']>;
export type IngressChangeAsked = z.input<Schemas['change']>;
export type IngressChange = z.output<Schemas['change']>;
