import { Fragment } from 'preact';
import type { Drawing, Drawings } from '../hooks/use-charts.ts';
import { type Moment, useMoment } from '../hooks/use-now.ts';
import type { CallStory } from '../model/call-story.ts';
import { eventName } from '../model/event-name.ts';
import { leftTime } from '../model/format.ts';
import { litOf, nextPossible, runs } from '../model/lit.ts';
import type { MachineNow } from '../model/machine-now.ts';
import { platesOf } from '../model/plates.ts';
import { ChipView } from './box-view.tsx';
import { labelOf, MachineView } from './machine-view.tsx';

interface ChartPaneProps {
  readonly charts: Drawings;
  readonly story: CallStory;
  /** Nothing when deadlines do not count. */
  readonly moment: Moment | undefined;
}

/** The call's machines as they are declared, lit where they are. */
export function ChartPane({ charts: { drawings, trouble }, story, moment }: ChartPaneProps) {
  const call = drawings.get('call');
  const reply = drawings.get('reply');
  const callLit = call && litOf(call.index, story.call);
  const replies = call && callLit && runs(call.index, callLit, 'reply') ? story.reply : undefined;
  return (
    <section class="pane chart" aria-label="Statechart">
      {trouble && (
        <p class="trouble" role="alert">
          The chart cannot be drawn: {trouble}
        </p>
      )}
      {!trouble && !call && <p class="hush muted">Drawing the chart …</p>}
      {call && callLit && (
        <MachineView name="call" drawing={call} lit={callLit} now={story.call} moment={moment}>
          {reply && <Lanes drawing={reply} now={replies} moment={moment} />}
        </MachineView>
      )}
      {call && <Footer drawing={call} story={story} moment={moment} />}
    </section>
  );
}

interface LanesProps {
  readonly drawing: Drawing;
  readonly now: MachineNow | undefined;
  readonly moment: Moment | undefined;
}

/** A machine that lives for a moment, in little: each region is a row of its states. */
function Lanes({ drawing: { index }, now, moment }: LanesProps) {
  const lit = litOf(index, now);
  return (
    <div
      class={`lanes ${now ? 'lives' : 'rests'}`}
      role="group"
      aria-label={labelOf('reply', index, now)}
      data-machine="reply"
    >
      {platesOf(index).map(({ root }) => (
        <div class="lane" key={root.id}>
          <h3>reply › {root.key}</h3>
          {root.children.map((box) => (
            <ChipView key={box.id} box={box} lit={lit} timers={now?.timers ?? []} moment={moment} />
          ))}
        </div>
      ))}
    </div>
  );
}

const mostNext = 6;

interface FooterProps {
  readonly drawing: Drawing;
  readonly story: CallStory;
  readonly moment: Moment | undefined;
}

function Footer({ drawing: { index, plates }, story, moment }: FooterProps) {
  const next = story.endedAt === undefined ? nextPossible(index, story.call, plates[0]?.id, mostNext) : [];
  return (
    <footer class="next">
      <span class="fixed">
        last event <b data-last-event>{story.last ? eventName(story.last.type) : '–'}</b>
        {story.call && (
          <>
            , here by <b>{eventName(story.call.by)}</b>
          </>
        )}
      </span>
      {next.length > 0 && (
        <span class="muted" data-next>
          next possible:{' '}
          {next.map(({ label, dueAt }, place) => (
            <Fragment key={label}>
              {place > 0 && ' · '}
              {eventName(label)}
              {dueAt !== undefined && moment && <Due at={dueAt} moment={moment} />}
            </Fragment>
          ))}
        </span>
      )}
    </footer>
  );
}

function Due({ at, moment }: { readonly at: number; readonly moment: Moment }) {
  const leftMs = at - useMoment(moment, 100);
  return <b class="num">{leftMs > 0 ? ` in ${leftTime(leftMs)}` : ' now'}</b>;
}
