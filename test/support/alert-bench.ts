import { beatHeart, measureLimits, sendAlerts } from '../../src/actors/send-alerts.ts';
import type { AlertCourier } from '../../src/actors/alert-courier.ts';
import type { Clock } from '../../src/clock.ts';
import { createAlerting as createAlertMachine } from '../../src/machines/alert/alert.machine.ts';
import type { AlertClaims } from '../../src/runtime/alert-claims.ts';
import type { AlertMemory } from '../../src/runtime/alert-memory.ts';
import { type AlertNews, createAlerting } from '../../src/runtime/alerting.ts';
import type { Alerts } from '../../src/runtime/alerts.ts';
import type { LogFields } from '../../src/runtime/log.ts';

interface AlertBenchOptions {
  readonly clock: Clock;
  readonly courier?: AlertCourier;
  readonly claims?: AlertClaims;
  readonly memory?: AlertMemory;
  readonly heartbeatMs?: number;
  readonly measure?: (alerts: Alerts) => void;
  readonly instance?: string;
}

/** Alerts by their real machine, with what they wrote into the log. */
export function alertBench({
  clock,
  courier,
  measure = () => undefined,
  instance = 'one',
  ...rest
}: AlertBenchOptions) {
  const lines: (readonly [level: string, fields: LogFields])[] = [];
  const write = (level: string) => (fields: LogFields) => void lines.push([level, fields]);
  const log = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  const alerting = createAlerting({
    machineOf: ({ outbox, heartbeat, heartbeatMissed, measure: look }) =>
      createAlertMachine({
        sendAlerts: sendAlerts({ outbox, courier, random: () => 1 }, clock),
        beatHeart: beatHeart({ courier, message: heartbeat, missed: heartbeatMissed }, clock),
        measureLimits: measureLimits(look, clock),
      }),
    courier,
    measure,
    instance,
    clock,
    log,
    ...rest,
  });
  const news: AlertNews[] = [];
  alerting.news.listen((each) => news.push(each));
  return { alerting, lines, news, codes: () => lines.map(([level, { code }]) => `${level} ${code}`) };
}

/** What a message says. */
export const saidIn = (body: string): { readonly type: string; readonly data: any } => JSON.parse(body);
