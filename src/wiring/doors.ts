import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import { createMemoryRepeats } from '../adapters/memory/repeat-store.ts';
import { apiRoutes } from '../http/api.ts';
import { callRoutes } from '../http/calls.ts';
import { consoleRoutes } from '../http/console.ts';
import { everybody } from '../http/guard.ts';
import { healthRoutes } from '../http/health.ts';
import { createRepeats } from '../http/idempotency.ts';
import { listen, type Listener } from '../http/listen.ts';
import { outboundRoutes } from '../http/outbound.ts';
import { tokenRoutes } from '../http/tokens.ts';
import { webhookRoutes } from '../http/webhooks.ts';
import { bareCall } from '../machines/call/call.machine.ts';
import { bareReply } from '../machines/reply/reply.machine.ts';
import { chartOf } from '../runtime/chart.ts';
import type { Logger } from '../runtime/log.ts';
import type { Instance } from './instance.ts';

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
  const opened: Listener[] = [];
  const open = async (setting: string, address: Config['apiAddr'], app: Parameters<typeof listen>[0]) => {
    const listener = await listen(app, { setting, address, clock: options.clock });
    opened.push(listener);
    return listener;
  };
  try {
    const health = await open('HEALTH_ADDR', config.healthAddr, healthApp(options));
    const api = await open('API_ADDR', config.apiAddr, apiApp(options));
    const webhooks = await open('WEBHOOK_ADDR', config.webhookAddr, webhookApp(options));
    const close = async ({ graceMs }: { readonly graceMs: number }) =>
      void (await Promise.all(opened.map((each) => each.close({ graceMs }))));
    return { webhooks, api, health, close };
  } catch (error) {
    await Promise.all(opened.map((each) => each.close({ graceMs: 0 })));
    throw error;
  }
}

const webhookApp = ({ secrets, instance, clock, log }: DoorsOptions) =>
  webhookRoutes({
    keys: secrets.livekitKeys,
    intake: instance.intake,
    clock,
    note: ({ outcome, detail, tookMs }) => log.debug({ code: 'webhook', outcome, detail, tookMs }, 'webhook'),
  });

function apiApp({ config, instance, clock, log }: DoorsOptions) {
  const { roomPrefix: prefix, declaredRooms: declared, livekitUrl } = config;
  const charts = [chartOf(bareCall), chartOf(bareReply)];
  return apiRoutes({
    guard: everybody,
    repeats: createRepeats(createMemoryRepeats(clock)),
    failed: (error) => log.error({ code: 'api.failed', error: String(error) }, 'a request failed inside'),
    routes: [
      ...callRoutes({ calls: instance.calls, clock }),
      ...tokenRoutes({ desk: instance.tokens, rooms: { prefix, declared }, livekitUrl, clock }),
      ...instance.control,
      ...outboundRoutes({ outbound: instance.outbound }),
      ...consoleRoutes({
        chart: () => ({ charts }),
        folder: fileURLToPath(new URL('../../dist/console', import.meta.url)),
      }),
    ],
  });
}

const healthApp = ({ instance, clock }: DoorsOptions) =>
  healthRoutes({ clock, checks: { instance: () => instance.troubles()[0] } });
