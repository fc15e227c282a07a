import { resolve } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import { apiRoutes } from '../http/api.ts';
import { addressesBehind } from '../http/client-address.ts';
import { counted } from '../http/counted.ts';
import { createDoorLog } from '../http/door-log.ts';
import { createGuard } from '../http/guard.ts';
import { healthRoutes } from '../http/health.ts';
import { createRepeats } from '../http/idempotency.ts';
import { listen, type Listener } from '../http/listen.ts';
import { createWatchman, type Watchman } from '../http/watchman.ts';
import { webhookRoutes } from '../http/webhooks.ts';
import { createLimits } from '../runtime/limits.ts';
import type { Logger } from '../runtime/log.ts';
import type { WebhookResult } from '../runtime/metrics/doors.ts';
import { type Access, openAccess } from './access.ts';
import type { Instance } from './instance.ts';
import { operatorRoutes } from './operator-routes.ts';

/** The three listeners of an instance. */
export interface Doors {
  readonly webhooks: Listener;
  readonly api: Listener;
  readonly health: Listener;
  close(options: { readonly graceMs: number }): Promise<void>;
}

export interface DoorsOptions {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly instance: Instance;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Opens the doors, the one for webhooks last: whoever reaches it is served. */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { config } = options;
  const { metrics } = options.instance.care;
  const opened: Listener[] = [];
  const open = async (setting: string, address: Config['apiAddr'], app: Parameters<typeof listen>[0]) => {
    const listener = await listen(app, { setting, address, clock: options.clock });
    opened.push(listener);
    return listener;
  };
  const access = openAccess(config.dataDir, options.clock, (id) =>
    options.log.error({ code: 'api.key_damaged', id }, 'the record of a key cannot be read: nobody comes in by it'),
  );
  const watchman = watchmanOf(options);
  try {
    await warnOfNoKeys(access, options);
    const health = await open('HEALTH_ADDR', config.healthAddr, healthApp(options));
    const api = await open(
      'API_ADDR',
      config.apiAddr,
      counted(apiApp(options, access, watchman), { door: 'api', metrics, clock: options.clock }),
    );
    const webhooks = await open(
      'WEBHOOK_ADDR',
      config.webhookAddr,
      counted(webhookApp(options, watchman), { door: 'webhooks', metrics, clock: options.clock }),
    );
    const close = async ({ graceMs }: { readonly graceMs: number }) =>
      void (await Promise.all(opened.map((each) => each.close({ graceMs }))));
    return { webhooks, api, health, close };
  } catch (error) {
    await Promise.all(opened.map((each) => each.close({ graceMs: 0 })));
    throw error;
  }
}

const watchmanOf = ({ config, instance, clock }: DoorsOptions): Watchman =>
  createWatchman({
    security: instance.care.security,
    addressOf: addressesBehind(config.security.trustedProxies),
    clock,
  });

const webhookApp = ({ secrets, instance, clock, log }: DoorsOptions, watchman: Watchman) =>
  webhookRoutes({
    keys: secrets.livekitKeys,
    intake: instance.intake,
    watchman,
    clock,
    note: ({ outcome, detail, tookMs }) => {
      log.debug({ code: 'webhook', outcome, detail, tookMs }, 'webhook');
      instance.care.metrics.add('voicechart_webhooks_total', {
        event: detail,
        // One that has no value of its own does not compile.
        result: outcome satisfies WebhookResult,
      });
    },
  });

function apiApp(options: DoorsOptions, access: Access, watchman: Watchman) {
  const { config, clock, log } = options;
  return apiRoutes({
    guard: createGuard(access),
    watchman,
    repeats: createRepeats(access.repeats, clock),
    limits: createLimits(options.instance.care.posture, clock),
    ...(config.consoleUrl === undefined ? {} : { publicUrl: config.consoleUrl }),
    note: createDoorLog(log, clock),
    failed: (error) => log.error({ code: 'api.failed', error: String(error) }, 'a request failed inside'),
    routes: operatorRoutes({ ...options, access }),
  });
}

/** Whoever starts for the first time is told how to come in. Calls are taken all the same, so nothing is thrown. */
async function warnOfNoKeys({ keys }: Access, { config, log }: DoorsOptions): Promise<void> {
  const all = await keys.list().catch((error: unknown) => String(error));
  if (typeof all === 'string') return log.error({ code: 'api.keys_unreadable', error: all }, 'no key can be read');
  const usable = all.filter(({ revokedAt }) => revokedAt === undefined);
  if (usable.length === 0)
    log.warn(
      {
        code: 'api.no_keys',
        make: `DATA_DIR=${resolve(config.dataDir)} npm run -s voicechart -- api-keys create --role admin --name <you>`,
      },
      'nobody can use the console or the API yet: there is no key',
    );
}

const healthApp = ({ instance, clock }: DoorsOptions) =>
  healthRoutes({
    clock,
    checks: { instance: () => instance.troubles()[0] },
    health: instance.care.health.view,
    saw: instance.saw,
    metrics: instance.care.metrics,
  });
