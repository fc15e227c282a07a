import type { Recorder, RecorderFact, RecordingWish } from '../actors/record.ts';
import { callOrder, type Storages } from '../egress.ts';
import type { EgressHosts } from './egress-hosts.ts';
import type { EgressStore } from './egress-store.ts';
import { type EgressView, viewOf } from './egress-view.ts';
import { type Limits, switchedOff } from './limits.ts';
import { recordingFact } from './recording-fact.ts';

interface CallRecorderOptions {
  readonly hosts: EgressHosts;
  readonly store: Pick<EgressStore, 'ofCall'>;
  readonly storages: Storages;
  readonly newId: () => string;
  readonly limits: Limits;
}

/** A call by its key, and the room that it is in. */
export interface RecordedCall {
  readonly callKey: string;
  readonly room: string;
}

/** Keeps the sound of one call by an egress of its own: the one that goes on, the one that it has had, or a new one. */
export function createCallRecorder(options: CallRecorderOptions, call: RecordedCall): Recorder {
  const { hosts, store, storages, newId, limits } = options;
  const stopping = new AbortController();
  const stop = (): void => hosts.ofCall(call.callKey)?.stop();

  function begin(wish: RecordingWish, signal: AbortSignal, tell: (view: EgressView) => void): string | undefined {
    if (limits('recording') !== undefined) return switchedOff('recording');
    const full = hosts.full();
    if (full) return full;
    const id = newId();
    const order = callOrder({ ...wish, room: call.room }, id, storages);
    if ('field' in order) return `${order.field}: ${order.message}`;
    hosts.begin(order, { id, callKey: call.callKey }).follow(signal, tell);
    return undefined;
  }

  async function follow(wish: RecordingWish, signal: AbortSignal, report: (fact: RecorderFact) => void): Promise<void> {
    const kept = hosts.ofCall(call.callKey) ? undefined : await store.ofCall(call.callKey);
    if (signal.aborted) return;
    const over = new AbortController();
    const until = AbortSignal.any([signal, over.signal]);
    const tell = (view: EgressView) => {
      const fact = recordingFact(view);
      if (!fact || until.aborted) return;
      report(fact);
      if (fact.type !== 'recording.ended') return;
      over.abort();
      // What the call holds to be over must not begin late.
      stop();
    };
    const running = hosts.ofCall(call.callKey) ?? (kept && hosts.takeUp(kept));
    if (running && stopping.signal.aborted) running.stop();
    if (running) return running.follow(until, tell);
    if (kept) return tell(viewOf(kept));
    if (stopping.signal.aborted)
      return report({ type: 'recording.ended', ok: true, why: 'it was ended before it began' });
    const why = begin(wish, until, tell);
    if (why !== undefined) report({ type: 'recording.ended', ok: false, why });
  }

  return {
    follow: (wish, { signal }, report) =>
      void follow(wish, signal, report).catch(() => {
        if (!signal.aborted) report({ type: 'recording.ended', ok: false, why: 'the store did not answer' });
      }),
    stop() {
      stopping.abort();
      stop();
    },
  };
}
