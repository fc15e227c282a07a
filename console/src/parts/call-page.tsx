import { useState } from 'preact/hooks';
import { useCall, useStoryAt } from '../hooks/use-call.ts';
import { useCharts } from '../hooks/use-charts.ts';
import type { Moment } from '../hooks/use-now.ts';
import { useMayCommand } from '../hooks/use-session.ts';
import { listHref, phoneOf } from '../model/route.ts';
import { CallerBox } from './caller-box.tsx';
import { CallHeader } from './call-header.tsx';
import { ChartPane } from './chart-pane.tsx';
import { OperatorBox } from './operator-box.tsx';
import { Timeline } from './timeline.tsx';
import { TopBar } from './top-bar.tsx';
import { Transcript } from './transcript.tsx';

/** One call: its statechart, what was said, and its timeline. */
export function CallPage({ callKey }: { readonly callKey: string }) {
  const now = useCall(callKey);
  const charts = useCharts('call', 'reply');
  const [moment, setMoment] = useState<number>();
  const story = useStoryAt(now, moment);
  const live = now.story.endedAt === undefined && now.call?.endedAt === undefined;
  const present: Moment = live ? { aheadMs: now.aheadMs } : { at: now.story.at };
  const shown: Moment = moment === undefined ? present : { at: moment };
  const phone = phoneOf(location.search);
  const mayCommand = useMayCommand();
  if (now.trouble) return <Missing trouble={now.trouble} />;
  return (
    <div class="page">
      <CallHeader callKey={callKey} now={now} present={present} />
      <main class="call-page">
        <ChartPane charts={charts} story={story} moment={live || moment !== undefined ? shown : undefined} />
        <section class="pane talk" aria-label="What was said">
          <Transcript story={story} live={live && moment === undefined} />
          {live && mayCommand && <OperatorBox callKey={callKey} />}
          {phone && <CallerBox phone={phone} callKey={live ? callKey : undefined} />}
        </section>
        <Timeline story={now.story} present={present} moment={moment} live={live} choose={setMoment} />
      </main>
    </div>
  );
}

const Missing = ({ trouble }: { readonly trouble: string }) => (
  <>
    <TopBar>
      <span class="grow" />
    </TopBar>
    <main class="list">
      <section class="empty">
        <h1>This call cannot be shown</h1>
        <p class="trouble" role="alert">
          {trouble}
        </p>
        <p>
          <a href={listHref}>All calls</a>
        </p>
      </section>
    </main>
  </>
);
