import type { Recorder, RecorderFact } from '../../actors/record.ts';
import type { EgressBook } from '../egress-book.ts';
import type { FromWorker } from './messages.ts';

/** Recorders of calls whose egresses another process has. */
export interface RemoteRecorders extends Pick<EgressBook, 'recorder' | 'callEnded'> {
  told(callKey: string, fact: RecorderFact): void;
}

/** In the process that runs the calls. */
export function createRemoteRecorders(send: (message: FromWorker) => void): RemoteRecorders {
  const reports = new Map<string, (fact: RecorderFact) => void>();
  return {
    recorder: ({ callKey, room }): Recorder => ({
      follow(wish, { signal }, report) {
        reports.set(callKey, report);
        send({ type: 'record', callKey, room, wish });
        signal.addEventListener('abort', () => {
          if (reports.get(callKey) !== report) return;
          reports.delete(callKey);
          send({ type: 'record_left', callKey });
        });
      },
      stop: () => send({ type: 'record_stop', callKey, room }),
    }),
    callEnded: (callKey) => send({ type: 'call_over', callKey }),
    told: (callKey, fact) => reports.get(callKey)?.(fact),
  };
}

/** In the process that has the egresses. */
export interface RecorderDesk {
  heard(message: FromWorker): void;
  /** No process here runs the call any more: where it goes on its recording does, and is taken up by its next owner. */
  left(callKey: string): void;
}

export function createRecorderDesk(
  egresses: Pick<EgressBook, 'recorder' | 'callEnded'>,
  tell: (callKey: string, fact: RecorderFact) => void,
): RecorderDesk {
  const desks = new Map<string, { readonly recorder: Recorder; following?: AbortController }>();

  function deskOf(callKey: string, room: string) {
    const desk = desks.get(callKey) ?? { recorder: egresses.recorder({ callKey, room }) };
    desks.set(callKey, desk);
    return desk;
  }

  const leave = (callKey: string) => desks.get(callKey)?.following?.abort();

  return {
    heard(message) {
      if (message.type === 'record') {
        leave(message.callKey);
        const desk = deskOf(message.callKey, message.room);
        const following = new AbortController();
        desk.following = following;
        desk.recorder.follow(message.wish, following, (fact) => tell(message.callKey, fact));
      }
      if (message.type === 'record_left') leave(message.callKey);
      if (message.type === 'record_stop') deskOf(message.callKey, message.room).recorder.stop();
      if (message.type === 'call_over') egresses.callEnded(message.callKey);
    },
    left(callKey) {
      leave(callKey);
      desks.delete(callKey);
    },
  };
}
