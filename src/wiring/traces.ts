import type { Config, Secrets } from '../config.ts';
import type { Hub } from '../runtime/hub.ts';
import type { CallNotice } from '../runtime/notices.ts';
import { foldTraces } from '../runtime/traces/fold.ts';

export interface TraceOptions {
  readonly config: Pick<Config, 'traces'>;
  readonly secrets: Pick<Secrets, 'traceHeaders'>;
  readonly notices: Hub<CallNotice>;
}

/** Sends spans of calls to a collector where there is one; without one nothing of OpenTelemetry is even loaded. */
export function openTraces({ config, secrets, notices }: TraceOptions): { close(): Promise<void> } {
  const { traces } = config;
  if (!traces) return { close: async () => undefined };
  const opening = import('../adapters/otel/tracer.ts').then(({ createOtlpTracer }) => {
    const tracer = createOtlpTracer({ ...traces, headers: secrets.traceHeaders });
    const stop = notices.listen(foldTraces(tracer));
    return { tracer, stop };
  });
  return {
    async close() {
      const { tracer, stop } = await opening;
      stop();
      await tracer.close();
    },
  };
}
