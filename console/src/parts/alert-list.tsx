import { alertsNow, type AlertView } from '../api.ts';
import { usePolled } from '../hooks/use-polled.ts';
import { roughTime } from '../model/format.ts';

const everyMs = 5_000;
/** Of those that are over. */
const mostPast = 5;

/** What operators were told: what goes on, and the last that went by. */
export function AlertList({ nowMs }: { readonly nowMs: number }) {
  const { answer: alerts, trouble } = usePolled(alertsNow, everyMs);
  const open = alerts?.filter(({ state }) => state === 'open') ?? [];
  const past = alerts?.filter(({ state }) => state === 'resolved').slice(0, mostPast) ?? [];
  return (
    <section class="pane part" aria-label="Alerts">
      <header class="pane-head">
        <h2>Alerts</h2>
        {open.length > 0 && <span class="pill lost">{open.length} open</span>}
      </header>
      {trouble && (
        <p class="trouble hush" role="alert">
          {trouble}
        </p>
      )}
      {alerts?.length === 0 && <p class="hush muted">Nothing has gone wrong since this instance was started.</p>}
      <ul class="rows">
        {[...open, ...past].map((each) => (
          <AlertRow key={each.id} alert={each} nowMs={nowMs} />
        ))}
      </ul>
    </section>
  );
}

function AlertRow({ alert, nowMs }: { readonly alert: AlertView; readonly nowMs: number }) {
  const { kind, severity, summary, state, count, openedAt, resolvedAt } = alert;
  return (
    <li class={`alert ${state} ${severity}`} data-alert={kind}>
      <span class="sign" aria-hidden="true">
        {state === 'open' ? '!' : '✓'}
      </span>
      <p class="grow">
        {summary}
        <span class="muted under">
          {state === 'open'
            ? `${severity}, for ${roughTime(nowMs - openedAt)}`
            : `over, ${agoOf(nowMs - (resolvedAt ?? openedAt))}`}
          {count > 1 && `, ${count} times`}
        </span>
      </p>
    </li>
  );
}

const agoOf = (ms: number): string => (ms < 1_000 ? 'just now' : `${roughTime(ms)} ago`);
