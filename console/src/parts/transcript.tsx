import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { CallStory } from '../model/call-story.ts';
import { clockTime, shortTime } from '../model/format.ts';
import { barOf, median } from '../model/latency.ts';
import { shownLines } from '../model/line.ts';
import { Legend } from './latency-bar.tsx';
import { LineView } from './line-view.tsx';

interface TranscriptProps {
  readonly story: CallStory;
  readonly live: boolean;
}

/** What was said, by whom, and what the caller did not hear. */
export function Transcript({ story, live }: TranscriptProps) {
  const lines = shownLines(story.lines, live);
  const bars = [...story.turns.values()].flatMap((turn) => barOf(turn) ?? []);
  const mostMs = Math.max(0, ...bars.map(({ replyMs }) => replyMs));
  const half = median(bars.map(({ replyMs }) => replyMs));
  const speaking = lines.findLast(({ who }) => who === 'agent');
  const list = useStuckToEnd(story.seq);
  return (
    <>
      <header class="pane-head">
        <h2>What was said</h2>
        {half !== undefined && (
          <p class="muted num" data-median>
            median reply <b>{shortTime(half)}</b>
          </p>
        )}
      </header>
      {bars.length > 0 && <Legend bars={bars} />}
      <div class="lines" ref={list} role="log" aria-label="Transcript" aria-live="polite" tabIndex={0}>
        <ol>
          {lines.length === 0 && <li class="muted hush">Nothing yet.</li>}
          {lines.map((line) => (
            <LineView
              key={line.id}
              line={line}
              isLast={live && line === speaking}
              time={clockTime(line.saidAt - (story.startedAt ?? line.saidAt))}
              bar={line.who === 'agent' ? barOf(story.turns.get(line.turn)) : undefined}
              mostMs={mostMs}
            />
          ))}
        </ol>
      </div>
    </>
  );
}

const nearPx = 60;

/** Follows what is new, unless the reader has scrolled up to read. */
function useStuckToEnd(news: number) {
  const list = useRef<HTMLDivElement>(null);
  const stuck = useRef(true);
  useEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const scrolled = () => {
      stuck.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearPx;
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    return () => element.removeEventListener('scroll', scrolled);
  }, []);
  useLayoutEffect(() => {
    if (stuck.current && list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [news]);
  return list;
}
