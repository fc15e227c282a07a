import { createActor } from 'xstate';
import type { AlertCourier, AlertMessage, AlertOutbox } from '../actors/alert-courier.ts';
import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { AlertMachine } from '../machines/alert/alert.machine.ts';
import { type AlertBook, createAlertBook, type Incident } from './alert-book.ts';
import { type AlertClaims, onlyTeller } from './alert-claims.ts';
import type { AlertMemory } from './alert-memory.ts';
import { alertsMessage, heartbeatMessage } from './alert-message.ts';
import { createAlertOutbox } from './alert-outbox.ts';
import { resolveQuiet } from './alert-quiet.ts';
import type { AlertKind, Alerts, Severity } from './alerts.ts';
import { createHub, type Hub } from './hub.ts';
import type { Logger } from './log.ts';

/** What became of an alert, for counters. */
export interface AlertNews {
  readonly change: 'raised' | 'repeated' | 'resolved' | 'delivered' | 'undelivered';
  readonly kind: AlertKind;
  readonly severity: Severity;
}

/** What the actors of alerting work with. */
export interface AlertBrief {
  readonly outbox: AlertOutbox;
  readonly heartbeat: () => AlertMessage;
  readonly heartbeatMissed: (failure: Failure) => void;
  readonly measure: () => void;
}

interface AlertingOptions {
  readonly machineOf: (brief: AlertBrief) => AlertMachine;
  /** Left out: alerts are in the log and the list alone. */
  readonly courier?: AlertCourier | undefined;
  readonly claims?: AlertClaims | undefined;
  /** Left out: what goes on is forgotten with the process. */
  readonly memory?: AlertMemory | undefined;
  /** Left out: none. */
  readonly heartbeatMs?: number | undefined;
  /** Looks whether limits are kept, and raises and resolves what it finds. */
  readonly measure: (alerts: Alerts) => void;
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error' | 'warn' | 'info' | 'debug'>;
}

export type AlertTest =
  | { readonly is: 'unset' }
  | { readonly is: 'delivered' }
  | { readonly is: 'failed'; readonly failure: Failure };

/** Alerts as an instance has them. */
export interface Alerting extends Alerts {
  readonly news: Hub<AlertNews>;
  list: AlertBook['list'];
  open: AlertBook['open'];
  /** Sends a test alert at once, past all that waits, and tells what the receiver said. */
  test(): Promise<AlertTest>;
  /** Nothing more is sent; says in the log what was not. Idempotent. */
  close(): Promise<void>;
}

/** Hosts the machine that tells what is wrong; beside everything, and waited for by nothing. */
export function createAlerting(options: AlertingOptions): Alerting {
  const { machineOf, courier, claims = onlyTeller, memory, heartbeatMs, measure, instance, clock, log } = options;
  const book = createAlertBook({ clock, instance, before: memory?.before });
  const since = clock.now();
  const news = createHub<AlertNews>((error) =>
    log.error({ code: 'care.threw', error: String(error) }, 'what counts alerts stumbled'),
  );
  const tell = (change: AlertNews['change'], { kind, severity }: Incident) => news.tell({ change, kind, severity });

  const outbox = createAlertOutbox({
    book,
    claims,
    instance,
    hasReceiver: courier !== undefined,
    delivered(incidents) {
      memory?.keep(book.lasting());
      incidents.forEach((each) => tell('delivered', each));
    },
    undelivered(incidents, failure) {
      incidents.forEach((each) => tell('undelivered', each));
      log.warn({ code: 'alert.undelivered', alerts: incidents.length, failure }, 'alerts could not be delivered yet');
    },
  });
  const brief: AlertBrief = {
    outbox,
    heartbeat: () => heartbeatMessage(instance, clock.now(), heartbeatMs ?? 0, book.open()),
    heartbeatMissed: (failure) => log.warn({ code: 'alert.heartbeat_lost', failure }, 'a heartbeat did not arrive'),
    measure() {
      measure(alerts);
      resolveQuiet({ alerts, book, since, now: clock.now() });
    },
  };
  const actor = createActor(machineOf(brief), { clock, input: heartbeatMs === undefined ? {} : { heartbeatMs } });
  actor.subscribe({
    error: (error) => log.error({ code: 'alert.stopped', error: String(error) }, 'alerts are told no more'),
  });
  let closed = false;
  function due(): void {
    if (closed) return;
    memory?.keep(book.lasting());
    actor.send({ type: 'alert.due' });
  }

  const alerts: Alerts = {
    raise(alert) {
      const incident = book.raise(alert);
      const isNew = incident.count === 1;
      tell(isNew ? 'raised' : 'repeated', incident);
      write(log, isNew ? levels[incident.severity] : 'debug', incident, 'alert.raised');
      due();
    },
    resolve(which) {
      const incident = book.resolve(which);
      if (!incident) return;
      tell('resolved', incident);
      write(log, 'info', incident, 'alert.resolved');
      due();
    },
  };
  actor.start();
  if (book.due().length > 0) due();
  return {
    ...alerts,
    news,
    list: book.list,
    open: book.open,
    async test() {
      const alert = {
        kind: 'test',
        target: 'instance',
        severity: 'info',
        summary: 'This is a test: nothing is wrong',
      } as const;
      const at = clock.now();
      if (!courier) return { is: 'unset' };
      const facts = {};
      const once = {
        ...alert,
        facts,
        id: `test-${at}`,
        position: 0,
        state: 'open',
        count: 1,
        openedAt: at,
        lastAt: at,
      } as const;
      const failure = await courier.post(alertsMessage(instance, [once]), { signal: new AbortController().signal });
      return failure ? { is: 'failed', failure } : { is: 'delivered' };
    },
    async close() {
      if (closed) return;
      closed = true;
      actor.stop();
      const untold = courier ? book.due().length : 0;
      if (untold > 0) log.warn({ code: 'alert.untold', alerts: untold }, 'alerts were not delivered before the end');
      await memory?.close();
      await claims.close();
    },
  };
}

const levels = { info: 'info', warning: 'warn', critical: 'error' } as const;

function write(
  log: AlertingOptions['log'],
  level: 'error' | 'warn' | 'info' | 'debug',
  { id, kind, target, severity, summary, facts, count }: Incident,
  code: string,
): void {
  log[level]({ code, id, kind, target, severity, count, facts }, summary);
}
