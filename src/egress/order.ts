import { Secret } from '../secret.ts';
import type { EgressOrder, EgressOutput, EgressSource } from './model.ts';
import { placed, withEnding } from './path.ts';
import { type EgressRequest, onlyOf, type OutputRequest } from './schema.ts';
import { chosenStorage, type Storages } from './storage.ts';

/** What is wrong with a field of a request, and what is allowed there. */
export interface FieldProblem {
  readonly field: string;
  readonly message: string;
}

/** Files without a path of their own go here: never two of them to the same place. */
const defaultPath = '{id}';

/** Completes a request: each output gets its storage and its place in it. `id` names the egress for good. */
export function orderOf(request: EgressRequest, id: string, storages: Storages): EgressOrder | FieldProblem {
  const outputs = request.outputs.map((output, index) =>
    outputOf(output, `outputs.${index}`, request.kind, id, storages),
  );
  const problem = outputs.find((output) => 'field' in output);
  return problem ?? { source: sourceOf(request), outputs: outputs as readonly EgressOutput[] };
}

function sourceOf(request: EgressRequest): EgressSource {
  const only = onlyOf(request);
  switch (request.kind) {
    case 'room': {
      const { kind, room, layout, channels } = request;
      return {
        kind,
        room,
        ...(layout && { layout }),
        ...(only && { only }),
        ...(channels === 'dual' && { dual: true }),
      };
    }
    case 'web':
      return { kind: 'web', url: new Secret(request.url), ...(only && { only }) };
    case 'tracks': {
      const { kind, room, audioTrack, videoTrack } = request;
      return { kind, room, ...(audioTrack && { audioTrack }), ...(videoTrack && { videoTrack }) };
    }
    case 'participant':
      return { kind: 'participant', room: request.room, identity: request.identity, screenShare: request.screenShare };
    case 'track':
      return { kind: 'track', room: request.room, track: request.track };
  }
}

function outputOf(
  output: OutputRequest,
  field: string,
  kind: EgressSource['kind'],
  id: string,
  storages: Storages,
): EgressOutput | FieldProblem {
  if ('urls' in output) return { type: output.type, urls: output.urls.map((url) => new Secret(url)) };
  const storage = chosenStorage(storages, output.storage);
  if (typeof storage === 'string') return { field: `${field}.storage`, message: storage };
  const path = placed(storage.folder, output.path ?? defaultPath, id);
  if (output.type === 'hls') {
    const { type, segmentSeconds } = output;
    return {
      type,
      path,
      playlist: `${path}.m3u8`,
      livePlaylist: `${path}-live.m3u8`,
      segmentSeconds,
      storage: storage.name,
    };
  }
  // LiveKit gives a track the ending of its codec.
  const ended = kind === 'track' ? path : withEnding(path, output.type);
  if (typeof ended !== 'string') return { field: `${field}.path`, message: ended.problem };
  return { type: output.type, path: ended, storage: storage.name };
}

/** The order by which a call is recorded: its sound, in OGG. Text: why it cannot be. */
export function callOrder(
  { room, storage, dual }: { readonly room: string; readonly storage?: string; readonly dual?: boolean },
  id: string,
  storages: Storages,
): EgressOrder | FieldProblem {
  return orderOf(
    {
      kind: 'room',
      room,
      audioOnly: true,
      videoOnly: false,
      channels: dual ? 'dual' : 'mixed',
      outputs: [{ type: 'ogg', path: 'calls/{id}', ...(storage !== undefined && { storage }) }],
    },
    id,
    storages,
  );
}
