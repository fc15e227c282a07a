import type { RecoveryEntry, RecoveryView } from '../../../src/runtime/recovery-view.ts';
import { type Drawing, useCharts } from '../hooks/use-charts.ts';
import { dayTime, leftTime } from '../model/format.ts';
import { litOf } from '../model/lit.ts';
import { recoveryNow } from '../model/recovery-now.ts';
import { fullName } from '../model/targets.ts';
import { MachineView } from './machine-view.tsx';

interface RecoveryPaneProps {
  readonly view: RecoveryView | undefined;
  readonly before: RecoveryView | undefined;
  readonly nowMs: number;
}

/** Recovery's machine, live, and what it did. */
export function RecoveryPane({ view, before, nowMs }: RecoveryPaneProps) {
  const { drawings, trouble } = useCharts('recovery');
  const drawing = drawings.get('recovery');
  return (
    <section class="pane recovery" aria-label="Recovery">
      <header class="pane-head">
        <h2>Recovery</h2>
        {view && <p class="muted">{view.leads ? 'decides for all instances' : 'another instance decides'}</p>}
      </header>
      {trouble && (
        <p class="trouble hush" role="alert">
          The chart cannot be drawn: {trouble}
        </p>
      )}
      {!view && !trouble && <p class="hush muted">Recovery has not answered yet.</p>}
      {view && (
        <div class="split">
          {drawing && <Chart drawing={drawing} view={view} before={before} nowMs={nowMs} />}
          <div>
            <Waiting view={view} nowMs={nowMs} />
            <Journal entries={view.journal} nowMs={nowMs} />
          </div>
        </div>
      )}
    </section>
  );
}

interface ChartProps {
  readonly drawing: Drawing;
  readonly view: RecoveryView;
  readonly before: RecoveryView | undefined;
  readonly nowMs: number;
}

function Chart({ drawing, view, before, nowMs }: ChartProps) {
  const now = recoveryNow(drawing.index, view, before, nowMs);
  return (
    <MachineView name="recovery" drawing={drawing} lit={litOf(drawing.index, now)} now={now} moment={{ at: nowMs }} />
  );
}

function Waiting({ view, nowMs }: { readonly view: RecoveryView; readonly nowMs: number }) {
  const { trouble, queue, waitsFor } = view;
  const told = [
    ...(trouble ? [`sees to ${fullName(trouble.target)}`] : []),
    ...(queue.length > 0 ? [`then to ${queue.map(({ target }) => fullName(target)).join(', ')}`] : []),
    ...(waitsFor.health.length > 0
      ? [`goes back to normal once ${waitsFor.health.map(fullName).join(', ')} is well`]
      : []),
    ...waitsFor.delays
      .filter(({ dueAt }) => dueAt > nowMs && trouble !== undefined)
      .map(({ name, dueAt }) => `${name} in ${leftTime(dueAt - nowMs)}`),
  ];
  return told.length > 0 ? <p class="hush muted waiting">{told.join(' · ')}</p> : null;
}

const mostShown = 12;

function Journal({ entries, nowMs }: { readonly entries: readonly RecoveryEntry[]; readonly nowMs: number }) {
  if (entries.length === 0)
    return <p class="hush muted">It had nothing to do yet. What it does is written down here, step by step.</p>;
  return (
    <ol class="rows journal" aria-label="What recovery did">
      {entries
        .slice(-mostShown)
        .toReversed()
        .map(({ at, box, target, did, failure }, index) => (
          <li key={`${at} ${box} ${index}`} class={failure ? 'bad' : ''}>
            <time class="muted num" dateTime={new Date(at).toISOString()}>
              {dayTime(at, nowMs)}
            </time>
            <p>
              <b>{box}</b> <span class="muted">{fullName(target)}</span>
              <span class="under">{failure ? `could not: ${failure.message}` : did}</span>
            </p>
          </li>
        ))}
    </ol>
  );
}
