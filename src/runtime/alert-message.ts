import { createHash } from 'node:crypto';
import type { AlertMessage } from '../actors/alert-courier.ts';
import type { Incident } from './alert-book.ts';

/** The body is as Standard Webhooks has it: `type`, `timestamp`, `data`. The id is of what is said, so that the same said again is known. */
function messageOf(type: string, at: number, data: object): AlertMessage {
  const body = JSON.stringify({ type, timestamp: iso(at), data });
  return { id: `msg_${createHash('sha256').update(body).digest('base64url').slice(0, 27)}`, body };
}

export const alertsMessage = (instance: string, incidents: readonly Incident[]): AlertMessage =>
  messageOf('alerts', Math.max(...incidents.map(({ lastAt, resolvedAt }) => resolvedAt ?? lastAt)), {
    instance,
    alerts: incidents.map(shown),
  });

const mostNamed = 50;

/** Names what is open, so that a receiver can close what it has not heard the end of. */
export const heartbeatMessage = (
  instance: string,
  at: number,
  everyMs: number,
  open: readonly Incident[],
): AlertMessage =>
  messageOf('heartbeat', at, {
    instance,
    everyMs,
    open: open.length,
    ids: open.slice(0, mostNamed).map(({ id }) => id),
  });

const shown = ({
  id,
  kind,
  target,
  severity,
  summary,
  facts,
  state,
  count,
  openedAt,
  lastAt,
  resolvedAt,
}: Incident) => ({
  id,
  kind,
  target,
  severity,
  summary,
  facts,
  state,
  count,
  openedAt: iso(openedAt),
  lastAt: iso(lastAt),
  ...(resolvedAt === undefined ? {} : { resolvedAt: iso(resolvedAt) }),
});

const iso = (ms: number): string => new Date(ms).toISOString();
