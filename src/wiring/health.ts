import { healthViewRoutes } from '../http/health-view.ts';
import type { Route } from '../http/route.ts';
import type { Hub } from '../runtime/hub.ts';
import { foldUses } from '../runtime/health/uses-of-calls.ts';
import { createHealthWatch, type HealthWatch } from '../runtime/health/watch.ts';
import type { CallNotice, Sighting, StatusChange } from '../runtime/notices.ts';
import type { InstanceOptions } from './instance.ts';

interface Told {
  readonly notices: Hub<CallNotice>;
  readonly sightings: Hub<Sighting>;
  readonly statuses: Hub<StatusChange>;
}

export interface Health extends HealthWatch {
  readonly routes: readonly Route[];
}

/** The watch over what an instance depends on: by looks of its own, and by what calls and operators meet with. */
export function openHealth(options: Pick<InstanceOptions, 'probes' | 'clock' | 'log'>, told: Told): Health {
  const { probes, clock, log } = options;
  told.notices.listen(foldUses(told.sightings.tell));
  told.statuses.listen(({ target, status, from, failure }) => {
    const fields = { code: 'health.changed', target, status, from, ...(failure && { failure }) };
    if (status === 'healthy') log.info(fields, 'what this instance depends on has changed');
    else log.warn(fields, 'what this instance depends on has changed');
  });
  const watch = createHealthWatch({ ...told, probes: probes?.probes ?? [], clock, random: Math.random });
  return {
    ...watch,
    routes: healthViewRoutes({ health: watch, clock }),
    async close() {
      await watch.close();
      await probes?.close();
    },
  };
}
