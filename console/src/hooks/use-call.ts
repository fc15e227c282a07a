import { useEffect, useMemo, useState } from 'preact/hooks';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import type { CallView } from '../../../src/runtime/calls.ts';
import { callNow } from '../api.ts';
import { type CallStory, noStory, tell } from '../model/call-story.ts';
import { askUntilThere } from './ask-until-there.ts';
import { followCall } from './follow-call.ts';
import type { Connection } from './open-stream.ts';

interface Followed {
  readonly entries: readonly LogEntry[];
  readonly story: CallStory;
}

export interface CallNow {
  readonly call?: CallView;
  readonly aheadMs: number;
  readonly trouble?: string;
  readonly connection: Connection;
  /** Everything so far. */
  readonly story: CallStory;
  readonly entries: readonly LogEntry[];
}

/** A call as its log tells it, from its beginning and on as it happens. */
export function useCall(callKey: string): CallNow {
  const [view, setView] = useState<{ call?: CallView; aheadMs: number; trouble?: string }>({ aheadMs: 0 });
  const [connection, setConnection] = useState<Connection>('connecting');
  const [followed, setFollowed] = useState<Followed>({ entries: [], story: noStory });
  useEffect(() => {
    let stop = () => {};
    const take = (some: readonly LogEntry[]) =>
      setFollowed(({ entries, story }) => ({ entries: [...entries, ...some], story: tell(story, some) }));
    const leave = askUntilThere(() => callNow(callKey), {
      got(found) {
        setView(found);
        stop = followCall(callKey, { connected: setConnection, take });
      },
      failed: (trouble) => setView({ aheadMs: 0, trouble }),
    });
    return () => {
      leave();
      stop();
    };
  }, [callKey]);
  return { ...view, connection, ...followed };
}

/** The story up to a moment, or all of it. */
export function useStoryAt({ entries, story }: Followed, moment: number | undefined): CallStory {
  const shown = moment === undefined ? undefined : entriesUntil(entries, moment);
  return useMemo(
    () => (shown === undefined ? story : tell(noStory, entries.slice(0, shown))),
    [shown, shown === undefined ? story : undefined],
  );
}

/** Lines carry the time they began, so entries are not quite in the order of their times: what counts is the latest so far. */
function entriesUntil(entries: readonly LogEntry[], moment: number): number {
  const first = entries.findIndex(({ at }) => at > moment);
  return first === -1 ? entries.length : first;
}
