import type { InspectionEvent } from 'xstate';
import type { Config } from '../config.ts';
import type { Logger } from '../runtime/log.ts';

/** Where inspection events of all calls go. */
export interface Inspection {
  readonly see: ((event: InspectionEvent) => void) | undefined;
  close(): Promise<void>;
}

const none: Inspection = { see: undefined, close: () => Promise.resolve() };

/** The Stately inspector in development, when asked for (`STATELY_INSPECT=1`); else nothing. */
export async function inspection(config: Config, log: Logger): Promise<Inspection> {
  if (!config.statelyInspect) return none;
  const { openStatelyInspector } = await import('../adapters/stately/inspector.ts');
  const inspector = await openStatelyInspector({
    broken: (error) =>
      log.warn(
        { code: 'inspector.broken', error: String(error) },
        'the Stately inspector shows no more: an event broke it',
      ),
  });
  log.info({ code: 'inspector.open', url: inspector.url }, 'the Stately inspector is served here, in development only');
  return inspector;
}
