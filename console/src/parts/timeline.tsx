import { type Moment, useMoment } from '../hooks/use-now.ts';
import type { CallStory, Mark } from '../model/call-story.ts';
import { floorNames } from '../model/floor.ts';
import { clockTime } from '../model/format.ts';
import { floorsOf, segmentsOf } from '../model/segments.ts';

interface TimelineProps {
  readonly story: CallStory;
  /** Its right end. */
  readonly present: Moment;
  /** What is shown; nothing: the present, or the end. */
  readonly moment: number | undefined;
  readonly live: boolean;
  choose(moment: number | undefined): void;
}

/** Who had the floor when, and what happened; dragging goes back in time. */
export function Timeline({ story, present, moment, live, choose }: TimelineProps) {
  const until = Math.max(story.at, useMoment(present, 250));
  const from = story.startedAt;
  if (from === undefined) return <section class="pane timeline" aria-label="Timeline" />;
  const wholeMs = Math.max(1, until - from);
  const at = (when: number) => `${(100 * Math.min(wholeMs, Math.max(0, when - from))) / wholeMs}%`;
  const input = ({ currentTarget }: { currentTarget: HTMLInputElement }) => {
    const chosen = Number(currentTarget.value);
    choose(chosen >= wholeMs - 1 ? undefined : from + chosen);
  };
  return (
    <section class="pane timeline" aria-label="Timeline">
      <div class="strip">
        {segmentsOf(story.spans, until).map(({ floor, start, end }) => (
          <i
            key={start}
            class={`floor ${floor}`}
            style={{ left: at(start), width: `${(100 * (end - start)) / wholeMs}%` }}
            title={floorNames[floor]}
          />
        ))}
        {story.marks.map((mark, index) => (
          <MarkView key={index} mark={mark} left={at(mark.at)} time={clockTime(mark.at - from)} />
        ))}
        <input
          type="range"
          min="0"
          max={wholeMs}
          step="100"
          value={moment === undefined ? wholeMs : moment - from}
          onInput={input}
          aria-label="Moment of the call that is shown"
          aria-valuetext={clockTime((moment ?? until) - from)}
        />
        <b class={moment === undefined ? 'hand' : 'hand back'} style={{ left: at(moment ?? until) }} />
      </div>
      <div class="row under">
        <ul class="legend">
          {floorsOf(story.spans).map((floor) => (
            <li key={floor}>
              <i class={`floor ${floor}`} />
              {floorNames[floor]}
            </li>
          ))}
        </ul>
        <span class="num muted grow right">
          {clockTime((moment ?? until) - from)} of {clockTime(wholeMs)}
        </span>
        <button type="button" class="quiet" disabled={moment === undefined} onClick={() => choose(undefined)}>
          {live ? 'Back to live' : 'To the end'}
        </button>
      </div>
    </section>
  );
}

const signs: Readonly<Record<Mark['kind'], string>> = {
  cut: '✕',
  backchannel: '•',
  tool: '⚙',
  digit: '#',
  restored: '▲',
  operator: '◆',
  ended: '■',
};

const MarkView = ({ mark, left, time }: { readonly mark: Mark; readonly left: string; readonly time: string }) => (
  <span class={`mark ${mark.kind}`} style={{ left }} title={`${time} ${mark.text}`} data-mark={mark.kind}>
    {signs[mark.kind]}
  </span>
);
