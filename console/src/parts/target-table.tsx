import type { TargetView, WindowView } from '../../../src/runtime/health/view.ts';
import { percent, roughTime, shortTime } from '../model/format.ts';
import { groupsOf, targetNames } from '../model/targets.ts';

interface TargetTableProps {
  readonly targets: readonly TargetView[];
  readonly nowMs: number;
  /** Whether the door has answered yet. */
  readonly isKnown: boolean;
}

/** Each thing that calls depend on: how it is, how fast, how often it failed, and why. */
export function TargetTable({ targets, nowMs, isKnown }: TargetTableProps) {
  if (!isKnown) return <p class="hush muted">Asking how everything is …</p>;
  if (targets.length === 0)
    return <p class="hush muted">This instance looks at nothing: it depends on no server and no vendor.</p>;
  return (
    <table class="targets">
      <thead>
        <tr>
          <th scope="col">What</th>
          <th scope="col">Status</th>
          <th scope="col" class="num">
            Answers in
          </th>
          {targets[0]!.windows.map(({ minutes }) => (
            <th scope="col" class="num" key={minutes} title={`Went well in the last ${minutes} min, and how fast`}>
              {minutes} min
            </th>
          ))}
        </tr>
      </thead>
      {groupsOf(targets).map((group) => (
        <tbody key={group.name}>
          <tr class="group">
            <th scope="rowgroup" colSpan={3 + targets[0]!.windows.length}>
              {group.name}
            </th>
          </tr>
          {group.targets.map((each) => (
            <TargetRow key={each.target} view={each} nowMs={nowMs} />
          ))}
        </tbody>
      ))}
    </table>
  );
}

const signs = { healthy: '✓', degraded: '!', unhealthy: '✕', unknown: '·' } as const;

function TargetRow({ view, nowMs }: { readonly view: TargetView; readonly nowMs: number }) {
  const { target, status, absent, since, reasons, lastLook, limitMs, windows } = view;
  const [name, purpose] = targetNames[target];
  const isLate = lastLook !== undefined && lastLook.tookMs > limitMs;
  return (
    <tr class={absent ? 'target absent' : `target ${status}`} data-target={target} data-status={status}>
      <th scope="row">
        <span class="what">{name}</span>
        {purpose && <span class="muted purpose"> {purpose}</span>}
        {reasons.map((reason) => (
          <span class="reason" key={reason}>
            {reason}
          </span>
        ))}
      </th>
      <td class="how">
        <span class="sign" aria-hidden="true">
          {signs[status]}
        </span>
        {absent ? 'not there' : status}
        {!absent && status !== 'unknown' && <span class="muted"> {roughTime(nowMs - since)}</span>}
      </td>
      <td class={isLate ? 'num late' : 'num'} data-label="Answers in">
        {lastLook ? (
          <>
            {shortTime(lastLook.tookMs)} <span class="muted limit">of {shortTime(limitMs)}</span>
          </>
        ) : (
          <span class="muted">–</span>
        )}
      </td>
      {windows.map((window) => (
        <WindowCell key={window.minutes} window={window} />
      ))}
    </tr>
  );
}

const leastWell = 0.99;

function WindowCell({
  window: { minutes, seen, failed, successRate, meanMs, worstMs },
}: {
  readonly window: WindowView;
}) {
  const label = `${minutes} min`;
  if (successRate === undefined)
    return (
      <td class="num muted" data-label={label}>
        –
      </td>
    );
  const times =
    meanMs === undefined ? '' : `; ${shortTime(meanMs)} on average, ${shortTime(worstMs ?? meanMs)} at worst`;
  return (
    <td
      class={successRate < leastWell ? 'num late' : 'num'}
      data-label={label}
      title={`${seen} seen, ${failed} failed${times}`}
    >
      {percent(successRate)}
      <span class="muted mean">{meanMs === undefined ? '' : shortTime(meanMs)}</span>
    </td>
  );
}
