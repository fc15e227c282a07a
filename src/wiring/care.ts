import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { alertRoutes } from '../http/alerts.ts';
import { securityRoutes } from '../http/security.ts';
import type { Route } from '../http/route.ts';
import type { Alerting } from '../runtime/alerting.ts';
import type { HealthWatch } from '../runtime/health/watch.ts';
import { logCalls } from '../runtime/call-line.ts';
import { logDeadAir } from '../runtime/dead-air.ts';
import { createHub, type Hub } from '../runtime/hub.ts';
import type { LineLook } from '../runtime/line-look.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics, MetricsPage } from '../runtime/metrics/metrics.ts';
import type { CallNotice, Sighting, StatusChange } from '../runtime/notices.ts';
import { createPostureBoard, type PostureBoard } from '../runtime/posture-board.ts';
import { openAlerting } from './alerting.ts';
import { openHealth } from './health.ts';
import type { InstanceOptions } from './instance.ts';
import { openMetrics } from './metrics.ts';
import { openTraces } from './traces.ts';
import { type Opened, openRecovery } from './recovery.ts';
import { openSecurity, type SecurityPosts } from './security.ts';

/** What looks after an instance: it sees everything and is waited for by nothing. */
export interface Care {
  readonly notices: Hub<CallNotice>;
  readonly sightings: Hub<Sighting>;
  readonly statuses: Hub<StatusChange>;
  readonly looks: Hub<LineLook>;
  readonly posture: PostureBoard;
  readonly metrics: Metrics & MetricsPage;
  /** Tells operators what they must know. */
  readonly alerts: Alerting;
  /** What it depends on, and how that is. */
  readonly health: HealthWatch;
  /** To be told once the parts of the instance are open. */
  begun(opened: Opened): void;
  /** Counts who is suspicious, and refuses them for a while. */
  readonly security: SecurityPosts;
  /** What operators may ask of it. */
  readonly routes: readonly Route[];
  close(): Promise<void>;
}

/** What is known before anything is opened: by it even the way to LiveKit is found. */
export const openPosture = (log: Logger): PostureBoard => createPostureBoard(stumbled(log));

/** Opened before the calls, closed after them. */
export async function openCare(options: InstanceOptions): Promise<Care> {
  const { lines, log, posture } = options;
  const threw = stumbled(log);
  const notices = createHub<CallNotice>(threw);
  const sightings = createHub<Sighting>(threw);
  lines.watch?.(sightings.tell);
  const statuses = createHub<StatusChange>(threw);
  const alerts = await openAlerting({
    ...options,
    instance: `${hostname()}-${randomBytes(4).toString('hex')}`,
    notices,
    sightings,
    statuses,
  });
  const looks = createHub<LineLook>(threw);
  looks.listen(logDeadAir(log));
  const metrics = openMetrics({ notices, sightings, statuses, looks, posture, alerts, threw });
  const recovery = await openRecovery(options, { statuses, alerts });
  notices.listen(logCalls(log));
  const traces = openTraces({ ...options, notices });
  const health = openHealth(options, { notices, sightings, statuses });
  const security = openSecurity({ ...options, alerts });
  return {
    notices,
    sightings,
    statuses,
    looks,
    posture,
    metrics,
    alerts,
    health,
    security,
    routes: [...alertRoutes({ alerts }), ...securityRoutes({ security }), ...health.routes, ...recovery.routes],
    begun: recovery.begun,
    async close() {
      await health.close();
      await recovery.close();
      metrics.close();
      await traces.close();
      await security.close();
      await alerts.close();
    },
  };
}

const stumbled = (log: Logger) => (error: unknown) =>
  log.error({ code: 'care.threw', error: String(error) }, 'what watches the instance stumbled over what it was told');
