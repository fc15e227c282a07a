import type { Clock } from '../clock.ts';
import { createHash } from 'node:crypto';
import { type Alert, type AlertFacts, severities, type Severity } from './alerts.ts';
import { cleanFields, cleanText } from './log-fields.ts';

/** An alert from its beginning to its end. A new object after each change. */
export interface Incident extends Alert {
  readonly id: string;
  /** Order of beginnings; the cursor of lists. */
  readonly position: number;
  readonly facts: AlertFacts;
  readonly state: 'open' | 'resolved';
  /** How often it was raised. */
  readonly count: number;
  /** ms since 1970. */
  readonly openedAt: number;
  readonly lastAt: number;
  readonly resolvedAt?: number;
  readonly told?: Told;
}

interface Told {
  readonly state: 'open' | 'resolved';
  readonly count: number;
  readonly at: number;
  /** When it was last told that it is there: not again for ten minutes, unless it got worse than it was said to be. */
  readonly firingAt: number;
  readonly severity: Severity;
}

/** What goes on, and what went on lately. */
export interface AlertBook {
  raise(alert: Alert): Incident;
  /** Nothing where none of these is open. */
  resolve(which: Pick<Alert, 'kind' | 'target'>): Incident | undefined;
  /** What is to be told now, oldest first, as many as fit into one message. */
  due(): readonly Incident[];
  /** These were told, as they are here. */
  told(incidents: readonly Incident[]): void;
  open(): readonly Incident[];
  /** What a next process must know of: what goes on, what was told lately, and what was not told yet. Oldest first. */
  lasting(): readonly Incident[];
  /** Newest first, before a position; of one state, or of both. */
  list(asked: ListAsked): readonly Incident[];
}

interface ListAsked {
  readonly limit: number;
  readonly before?: number | undefined;
  readonly state?: Incident['state'] | undefined;
}

export const holdMs = 600_000;
const mostPerMessage = 50;
/** Kinds and targets at once; further ones are counted together. */
const mostIncidents = 1_000;
const mostPast = 500;

const keyOf = ({ kind, target }: Pick<Alert, 'kind' | 'target'>): string => `${kind} ${target}`;

/** Whether anything of it was not told yet. */
const isNews = ({ state, count, told }: Incident): boolean => told?.state !== state || told.count !== count;

const isWorse = (severity: Severity, than: Severity): boolean =>
  severities.indexOf(severity) > severities.indexOf(than);

function isDue(incident: Incident, now: number): boolean {
  const { state, told, severity } = incident;
  if (!told) return true;
  const isEnd = state === 'resolved' && told.state === 'open';
  const gotWorse = state === 'open' && isWorse(severity, told.severity);
  return isNews(incident) && (isEnd || gotWorse || now >= told.firingAt + holdMs);
}

/** Keeps each kind and target once, however often it is raised: this is the queue of what is to be told, so it has a bound. */
export function createAlertBook({
  clock,
  instance,
  before = [],
}: {
  readonly clock: Pick<Clock, 'now'>;
  readonly instance: string;
  /** What an earlier process left. */
  readonly before?: readonly Incident[] | undefined;
}): AlertBook {
  const current = new Map(before.map((incident) => [keyOf(incident), incident]));
  let past: readonly Incident[] = [];
  let positions = Math.max(0, ...before.map(({ position }) => position));

  function set(incident: Incident): Incident {
    current.set(keyOf(incident), incident);
    return incident;
  }
  function retire(incident: Incident): void {
    current.delete(keyOf(incident));
    past = [...past, incident].slice(-mostPast);
  }
  function begin(alert: Alert): Incident {
    const now = clock.now();
    const position = ++positions;
    const id = createHash('sha256').update(`${instance} ${position} ${now}`).digest('base64url').slice(0, 16);
    return set({ ...cleaned(alert), id, position, state: 'open', count: 1, openedAt: now, lastAt: now });
  }
  /** What is over and told makes room. */
  function hasRoom(): boolean {
    if (current.size < mostIncidents) return true;
    const done = [...current.values()].find((each) => each.state === 'resolved' && !isNews(each));
    if (done) retire(done);
    return done !== undefined;
  }
  function again({ id, position, openedAt, count, told }: Incident, alert: Alert): Incident {
    const since = { id, position, openedAt, ...(told && { told }) };
    return set({ ...cleaned(alert), ...since, state: 'open', count: count + 1, lastAt: clock.now() });
  }

  /** One that came back before its end was old news goes on. */
  const goesOn = (incident: Incident): boolean =>
    incident.state === 'open' || isNews(incident) || clock.now() < (incident.told?.firingAt ?? 0) + holdMs;

  function raise(alert: Alert): Incident {
    const before = current.get(keyOf(alert));
    if (before && goesOn(before)) return again(before, alert);
    if (before) retire(before);
    return alert.kind === 'alerts_overflow' || hasRoom() ? begin(alert) : raise(overflow);
  }

  return {
    raise,
    resolve(which) {
      const before = current.get(keyOf(which));
      if (before?.state !== 'open') return undefined;
      return set({ ...before, state: 'resolved', resolvedAt: clock.now() });
    },
    due: () =>
      [...current.values()]
        .filter((each) => isDue(each, clock.now()))
        .sort((one, other) => one.position - other.position)
        .slice(0, mostPerMessage),
    told(incidents) {
      for (const { state, count, severity, ...sent } of incidents) {
        const now = current.get(keyOf(sent));
        if (now?.id !== sent.id) continue;
        const isEnd = state === 'resolved' && now.told?.state === 'open';
        const firingAt = isEnd ? now.told!.firingAt : clock.now();
        set({
          ...now,
          told: { state, count, severity: isEnd ? now.told!.severity : severity, at: clock.now(), firingAt },
        });
      }
    },
    lasting: () =>
      [...current.values()].filter((each) => goesOn(each)).sort((one, other) => one.position - other.position),
    open: () => [...current.values()].filter(({ state }) => state === 'open'),
    list: ({ limit, before = Infinity, state: wanted }) =>
      [...past, ...current.values()]
        .filter(({ position, state }) => position < before && (wanted ?? state) === state)
        .sort((one, other) => other.position - one.position)
        .slice(0, limit),
  };
}

const overflow: Alert = {
  kind: 'alerts_overflow',
  target: 'instance',
  severity: 'critical',
  summary: `More than ${mostIncidents} different alerts are open: further ones are counted here`,
};

const cleaned = ({ kind, target, severity, summary, facts = {} }: Alert) => ({
  kind,
  target: cleanText(target),
  severity,
  summary: cleanText(summary),
  facts: cleanFields(facts, 'mask') as AlertFacts,
});
