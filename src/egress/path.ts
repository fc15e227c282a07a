import type { EgressSource, fileTypes } from './model.ts';

/** What LiveKit puts into a path itself. `{time}` counts seconds. */
const placeholders: Readonly<Record<EgressSource['kind'], readonly string[]>> = {
  room: ['room_name', 'room_id', 'time', 'utc'],
  tracks: ['room_name', 'room_id', 'time', 'utc'],
  participant: ['room_name', 'room_id', 'time', 'utc', 'publisher_identity'],
  track: ['room_name', 'room_id', 'time', 'utc', 'publisher_identity', 'track_id', 'track_type', 'track_source'],
  web: ['time', 'utc'],
};

const mostCharacters = 512;

/** What is wrong with a path that a user gave; nothing when it may be used. */
export function pathProblem(path: string, kind: EgressSource['kind']): string | undefined {
  const allowed = ['id', ...placeholders[kind]];
  const strange = [...path.matchAll(/\{([^}]*)\}?/g)].find(
    ([whole, name = '']) => !whole.endsWith('}') || !allowed.includes(name),
  );
  if (path.length > mostCharacters) return `must have at most ${mostCharacters} characters`;
  if (!/^[^\p{Cc}\p{Cf}\p{Cs}\\]+$/u.test(path)) return 'must be one line of visible characters without \\';
  if (path.startsWith('/')) return 'must not begin with /: it lies in the folder of its storage';
  if (path.split('/').some((part) => part === '..' || part === '.' || part === ''))
    return 'must not hold empty parts, . or ..';
  if (strange) return `may hold ${allowed.map((name) => `{${name}}`).join(', ')} and no other braces`;
  // Whoever asks twice would otherwise write over what the first has kept.
  if (!/\{(?:id|time|utc)\}/.test(path))
    return 'must hold {id}, {time} or {utc}, or the next egress overwrites this one';
  return undefined;
}

const ending = /\.([A-Za-z\d]{2,4})$/;

/** The path with its ending; text in `problem` when it ends as something else. */
export function withEnding(path: string, type: (typeof fileTypes)[number]): string | { readonly problem: string } {
  const [, has] = ending.exec(path) ?? [];
  if (has === undefined) return `${path}.${type}`;
  return has.toLowerCase() === type ? path : { problem: `must end in .${type}, or without an ending` };
}

/** In the folder of its storage, with our own placeholder filled in. */
export const placed = (folder: string, path: string, id: string): string =>
  [folder.replace(/\/$/, ''), path.replaceAll('{id}', id)]
    .filter((part, index) => index > 0 || folder !== '')
    .join('/');
