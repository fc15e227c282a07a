import { streamProblem } from '../egress.ts';
import { notPassedOn } from './control-error.ts';
import type { EgressView } from './egress-view.ts';

/** Addresses to send to as well, and no longer. */
export interface StreamChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The layout, where there is something to be laid out. Throws a `ControlError`. */
export function laidOut(layout: string, { source }: EgressView): string {
  if (source.kind === 'room' && source.only !== 'audio') return layout;
  throw notPassedOn('invalid', 'layout: only an egress of a room with pictures has a layout', 'layout');
}

/** The change, where LiveKit can make it: it adds streams to streams of the same kind. Throws a `ControlError`. */
export function streamsOf(change: StreamChange, { outputs }: EgressView): StreamChange {
  const type = outputs.find((output) => 'urls' in output)?.type;
  if (type !== 'rtmp' && type !== 'srt')
    throw notPassedOn('invalid', 'add: this egress was begun without streams, and LiveKit adds none then', 'add');
  for (const field of ['add', 'remove'] as const)
    for (const [index, url] of change[field].entries()) {
      const problem = streamProblem(url, type);
      if (problem) throw notPassedOn('invalid', `${field}.${index}: ${problem}`, `${field}.${index}`);
    }
  return change;
}
