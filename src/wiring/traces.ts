import type { Config, Secrets } from '../config.ts';
import type { Hub } from '../runtime/hub.ts';
import type { Logger } from '../runtime/log.ts';
import type { CallNotice } from '../runtime/notices.ts';
import { foldTraces } from '../runtime/traces/fold.ts';

export interface TraceOptions {
  readonly config: Pick<Config, 'traces'>;
  readonly secrets: Pick<Secrets, 'traceHeaders'>;
  readonly notices: Hub<CallNotice>;
  readonly log: Pick<Logger, 'error'>;
}

/** Sends spans of calls to a collector where there is one; without one nothing of OpenTelemetry is even loaded. */
export function openTraces({ config, secrets, notices, log }: TraceOptions): { close(): Promise<void> } {
  const { traces } = config;
  if (!traces) return { close: async () => undefined };
  const opening = import('../adapters/otel/tracer.ts').then(({ createOtlpTracer }) => {
    const tracer = createOtlpTracer({ ...traces, headers: secrets.traceHeaders });
    return { tracer, stop: notices.listen(foldTraces(tracer)) };
  });
  const opened = opening.catch((error: unknown) => {
    log.error(
      { code: 'traces.none', error: String(error) },
      'no spans are sent: the client of the collector could not be made',
    );
  });
  return {
    async close() {
      const sending = await opened;
      sending?.stop();
      await sending?.tracer.close();
    },
  };
}
