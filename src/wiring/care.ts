import type { Route } from '../http/route.ts';
import { createHub, type Hub } from '../runtime/hub.ts';
import type { Logger } from '../runtime/log.ts';
import type { Metrics, MetricsPage } from '../runtime/metrics/metrics.ts';
import type { CallNotice, Sighting, StatusChange } from '../runtime/notices.ts';
import { createPostureBoard, type PostureBoard } from '../runtime/posture-board.ts';
import { openMetrics } from './metrics.ts';

/** What looks after an instance: it sees everything and is waited for by nothing. */
export interface Care {
  readonly notices: Hub<CallNotice>;
  readonly sightings: Hub<Sighting>;
  readonly statuses: Hub<StatusChange>;
  readonly posture: PostureBoard;
  readonly metrics: Metrics & MetricsPage;
  /** What operators may ask of it. */
  readonly routes: readonly Route[];
  close(): Promise<void>;
}

/** Opened before the calls, closed after them. */
export function openCare({ log }: { readonly log: Logger }): Care {
  const threw = (error: unknown) =>
    log.error({ code: 'care.threw', error: String(error) }, 'what watches the instance stumbled over what it was told');
  const notices = createHub<CallNotice>(threw);
  const sightings = createHub<Sighting>(threw);
  const statuses = createHub<StatusChange>(threw);
  const posture = createPostureBoard(threw);
  return {
    notices,
    sightings,
    statuses,
    posture,
    metrics: openMetrics({ notices, threw }),
    routes: [],
    close: async () => {},
  };
}
