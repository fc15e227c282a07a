import { join } from 'node:path';
import { beatHeart, measureLimits, sendAlerts } from '../actors/send-alerts.ts';
import { createAlertWebhook } from '../adapters/alert-webhook/courier.ts';
import { resolveHost } from '../adapters/media-source/pinned-fetch.ts';
import { createUsageMeter } from '../adapters/process/usage.ts';
import { createFileRecords } from '../adapters/files/records.ts';
import { createRedisAlertClaims } from '../adapters/redis/alert-claims.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import { createAlerting as createAlertMachine } from '../machines/alert/alert.machine.ts';
import { createFigures } from '../runtime/alert-figures.ts';
import { judge, type Standing } from '../runtime/alert-limits.ts';
import { type AlertBrief, type Alerting, createAlerting } from '../runtime/alerting.ts';
import { followSources } from '../runtime/alerting-sources.ts';
import { openAlertMemory } from '../runtime/alert-memory.ts';
import type { Alerts } from '../runtime/alerts.ts';
import type { Hub } from '../runtime/hub.ts';
import type { Logger } from '../runtime/log.ts';
import type { CallNotice, Sighting, StatusChange } from '../runtime/notices.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';
import type { Secret } from '../secret.ts';

interface AlertingParts {
  readonly config: Pick<Config, 'alerts' | 'dataDir'>;
  readonly secrets: Pick<Secrets, 'alerts' | 'redisUrl'>;
  /** Name of this instance. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly statuses: Hub<StatusChange>;
  readonly notices: Hub<CallNotice>;
  readonly sightings: Hub<Sighting>;
  readonly posture: PostureBoard;
}

/** Alerts by the settings: to their receiver, or to the log alone. */
export async function openAlerting(parts: AlertingParts): Promise<Alerting> {
  const { config, secrets, instance, clock, log, ...sources } = parts;
  const { allowInside, heartbeatMs } = config.alerts;
  const receiver = secrets.alerts;
  const courierTo = (url: Secret | undefined) =>
    url && receiver && createAlertWebhook({ url, secrets: receiver.signing, allowInside, resolve: resolveHost, clock });
  const courier = courierTo(receiver?.url);
  const heart = courierTo(receiver?.heartbeatUrl ?? receiver?.url);
  if (!courier)
    log.info({ code: 'alert.log_only' }, 'ALERT_WEBHOOK_URL is not set: alerts are in the log and the API alone');
  const machineOf = ({ outbox, heartbeat, heartbeatMissed, measure }: AlertBrief) =>
    createAlertMachine({
      sendAlerts: sendAlerts({ outbox, courier, random: Math.random }, clock),
      beatHeart: beatHeart({ courier: heart, message: heartbeat, missed: heartbeatMissed }, clock),
      measureLimits: measureLimits(measure, clock),
    });
  const claims = secrets.redisUrl && createRedisAlertClaims({ url: secrets.redisUrl });
  const memory = await openAlertMemory({
    records: createFileRecords({ dir: join(config.dataDir, 'alerts'), clock }),
    clock,
    trouble: (error) =>
      log.warn({ code: 'alert.forgetful', error: String(error) }, 'what goes on is not kept across a restart'),
  });
  const alerting = createAlerting({
    machineOf,
    courier,
    claims,
    memory,
    heartbeatMs,
    measure: measuring(clock, sources.sightings),
    instance,
    clock,
    log,
  });
  const unfollow = followSources(alerting, sources);
  return {
    ...alerting,
    close() {
      unfollow();
      return alerting.close();
    },
  };
}

/** Holds what is used and what requests came to against the limits, each time that it is called. */
function measuring(clock: Clock, sightings: Hub<Sighting>): (alerts: Alerts) => void {
  const figures = createFigures(createUsageMeter(clock));
  let standing: Standing = {};
  sightings.listen(figures.see);
  return (alerts) => {
    const judgement = judge(standing, figures.read());
    ({ standing } = judgement);
    judgement.raised.forEach(alerts.raise);
    for (const kind of judgement.resolved) alerts.resolve({ kind, target: 'instance' });
  };
}
