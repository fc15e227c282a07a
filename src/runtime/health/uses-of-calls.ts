import type { Failure } from '../../failure.ts';
import { type Target, targets } from '../../targets.ts';
import type { CallNotice, Sighting } from '../notices.ts';

/** What of the vendors' work in calls is looked at: asked, answered, failed. */
type Stage = 'stt' | 'model' | 'voice';

interface Asked {
  readonly at: number;
  readonly vendor: string | undefined;
}

interface Event {
  readonly to: string;
  readonly type: string;
  readonly vendor?: string;
  readonly failure?: Failure;
}

const asks: Readonly<Record<string, Stage>> = {
  'stt.requested': 'stt',
  'model.requested': 'model',
  'voice.requested': 'voice',
};
const answers: Readonly<Record<string, Stage>> = {
  'stt.opened': 'stt',
  'model.first_token': 'model',
  'voice.first_audio': 'voice',
};
const failures: Readonly<Record<string, Stage>> = {
  'stt.failed': 'stt',
  'model.failed': 'model',
  'voice.failed': 'voice',
};

/** Requests that were never answered, of calls that are gone, are forgotten beyond so many. */
const mostAsked = 1000;

/** Tells of each use of a vendor by a call, when it was answered or had failed: the time until the first answer, not to the last. */
export function foldUses(tell: (sighting: Sighting) => void): (notice: CallNotice) => void {
  const asked = new Map<string, Asked>();

  function over(stage: Stage, at: number, event: Event, since: Asked | undefined): void {
    const { failure } = event;
    const target = failure?.vendor ?? since?.vendor;
    if (!isTarget(target) || (!since && !failure)) return;
    tell({ target, by: 'use', at, tookMs: at - (since?.at ?? at), operation: stage, ...(failure && { failure }) });
  }

  return ({ call, draft: { at, kind, data } }) => {
    if (kind !== 'event') return;
    const event = data as unknown as Event;
    const stage = asks[event.type] ?? answers[event.type] ?? failures[event.type];
    if (!stage) return;
    const key = `${call.callKey} ${call.epoch} ${event.to} ${stage}`;
    const since = asked.get(key);
    asked.delete(key);
    if (!asks[event.type]) return over(stage, at, event, since);
    if (since?.vendor !== undefined && since.vendor !== event.vendor)
      over(stage, at, givenUp(since.vendor, event), since);
    asked.set(key, { at, vendor: event.vendor });
    if (asked.size > mostAsked) asked.delete(asked.keys().next().value!);
  };
}

/** A machine that has waited long enough asks the next vendor: of the one that said nothing it is told by nobody else. */
const givenUp = (vendor: string, { to, type }: Event): Event => ({
  to,
  type,
  failure: { vendor, phase: 'stream', class: 'network', sub: 'stall', retryable: true, message: 'no answer in time' },
});

const isTarget = (vendor: string | undefined): vendor is Target =>
  (targets as readonly string[]).includes(vendor ?? '');
