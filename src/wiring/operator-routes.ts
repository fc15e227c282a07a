import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { callRoutes } from '../http/calls.ts';
import { consoleRoutes } from '../http/console.ts';
import { egressRoutes } from '../http/egress.ts';
import { outboundRoutes } from '../http/outbound.ts';
import type { Route } from '../http/route.ts';
import { sessionRoutes } from '../http/sessions.ts';
import { tokenRoutes } from '../http/tokens.ts';
import type { Access } from './access.ts';
import { drawnCharts } from './charts.ts';
import { createHosts } from './hosts.ts';
import type { Instance } from './instance.ts';

interface OperatorRoutesOptions {
  readonly config: Pick<Config, 'roomPrefix' | 'declaredRooms' | 'livekitUrl' | 'livekitFallbackUrl' | 'consoleUrl'>;
  readonly instance: Pick<Instance, 'calls' | 'tokens' | 'control' | 'outbound' | 'egresses' | 'rooms' | 'care'>;
  readonly access: Pick<Access, 'keys' | 'sessions' | 'links'>;
  readonly clock: Clock;
}

const consoleFolder = fileURLToPath(new URL('../../dist/console', import.meta.url));

/** Everything the operators' door has. */
export function operatorRoutes({ config, instance, access, clock }: OperatorRoutesOptions): readonly Route[] {
  const { roomPrefix: prefix, declaredRooms: declared, consoleUrl } = config;
  const { now: livekitUrl } = createHosts(config, instance.care.posture);
  const charts = drawnCharts();
  return [
    ...sessionRoutes({ ...access, clock, secure: consoleUrl !== undefined }),
    ...callRoutes({ calls: instance.calls, clock }),
    ...tokenRoutes({ desk: instance.tokens, rooms: { prefix, declared }, livekitUrl, clock }),
    ...instance.control,
    ...instance.care.routes,
    ...egressRoutes({ egresses: instance.egresses, book: instance.rooms }),
    ...outboundRoutes({ outbound: instance.outbound }),
    ...consoleRoutes({ chart: () => ({ charts }), folder: consoleFolder }),
  ];
}
