import type { Posture } from '../posture.ts';
import type { Alert, Alerts } from './alerts.ts';
import type { Hub } from './hub.ts';
import type { CallNotice, StatusChange } from './notices.ts';
import type { PostureBoard } from './posture-board.ts';

interface AlertSources {
  readonly statuses: Pick<Hub<StatusChange>, 'listen'>;
  readonly notices: Pick<Hub<CallNotice>, 'listen'>;
  readonly posture: Pick<PostureBoard, 'watch'>;
}

/** Raises and resolves what hubs tell. Returns the end of it. */
export function followSources(alerts: Alerts, { statuses, notices, posture }: AlertSources): () => void {
  const ends = [
    statuses.listen((change) => noteStatus(alerts, change)),
    notices.listen((notice) => noteCall(alerts, notice)),
    posture.watch((standing) => notePosture(alerts, standing)),
  ];
  return () => ends.forEach((end) => end());
}

/** SPEC D5.4: each change of a target's status, and its end. */
function noteStatus(alerts: Alerts, { target, status, failure }: StatusChange): void {
  const which = { kind: 'target_status', target } as const;
  if (status === 'healthy') return alerts.resolve(which);
  alerts.raise({
    ...which,
    severity: status === 'unhealthy' ? 'critical' : 'warning',
    summary: `${target} is ${status}${failure ? `: ${failure.message}` : ''}`,
    facts: { status, ...(failure ? { class: failure.class, ...(failure.sub ? { sub: failure.sub } : {}) } : {}) },
  });
}

function noteCall(alerts: Alerts, { call: { callKey, agent }, draft }: CallNotice): void {
  if (draft.kind !== 'call' || draft.data.what !== 'ended') return;
  const what = ends[draft.data.why];
  if (what === undefined) return;
  alerts.raise({
    ...crash,
    target: agent,
    summary: `A call of ${agent} ${what}`,
    facts: { callKey },
  });
}

/** A caller is on the line, or waits, and nobody speaks to them. */
export const lostCall = (callKey: string): Alert => ({
  kind: 'call_lost',
  target: 'instance',
  severity: 'critical',
  summary: 'A call could not be run',
  facts: { callKey },
});

/** Ends that nobody wants, by why. */
const ends: Readonly<Record<string, string>> = {
  crashed: 'stopped by an error of our own',
  'crashed too often': 'took its process with it three times, and was ended',
};

const crash = { kind: 'call_crashed', severity: 'critical' } as const satisfies Partial<Alert>;

const modes = {
  degraded: { severity: 'warning', says: 'operations are limited' },
  failsafe: { severity: 'critical', says: 'new calls hear a stored greeting and are put through' },
} as const;

/** What recovery decided is told as long as it stands. */
function notePosture(alerts: Alerts, { mode, livekitHost, sipSet, avoid, limited }: Posture): void {
  const which = { kind: 'posture', target: 'instance' } as const;
  const isMoved = livekitHost === 'fallback' || sipSet === 'backup' || avoid.length > 0;
  if (mode === 'normal' && !isMoved) return alerts.resolve(which);
  const { severity, says } =
    mode === 'normal' ? ({ severity: 'warning', says: 'backups are in use' } as const) : modes[mode];
  const facts = { mode, livekitHost, sipSet, avoid: avoid.join(','), limited: limited.join(',') };
  alerts.raise({ ...which, severity, summary: `Recovery stands at ${mode}: ${says}`, facts });
}
