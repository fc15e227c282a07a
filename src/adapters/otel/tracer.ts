import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Span, Tracer } from '../../runtime/traces/tracer.ts';
import type { Secret } from '../../secret.ts';

export interface OtlpOptions {
  /** Of the collector, as in `OTEL_EXPORTER_OTLP_ENDPOINT`: `/v1/traces` is added. */
  readonly endpoint: string;
  readonly headers: ReadonlyMap<string, Secret>;
  readonly service: string;
}

/** Spans that wait for the collector; beyond it new ones are dropped. */
const mostWaiting = 2_048;
const sendEveryMs = 1_000;
const sendWithinMs = 5_000;

/** Sends spans to a collector by OTLP over HTTP. What the collector does not take in time is lost. */
export function createOtlpTracer({ endpoint, headers, service }: OtlpOptions): Tracer & { close(): Promise<void> } {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: Object.fromEntries([...headers].map(([name, secret]) => [name, secret.reveal()])),
    timeoutMillis: sendWithinMs,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter,
        maxQueueSize: mostWaiting,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: sendWithinMs,
      }),
    ],
  });
  const tracer = provider.getTracer('voicechart');
  const native = new WeakMap<Span, ReturnType<typeof tracer.startSpan>>();

  return {
    begin({ name, at, attributes, within }) {
      const parent = within && native.get(within);
      const root = context.active();
      const span = tracer.startSpan(
        name,
        { startTime: at, attributes: { ...attributes }, root: !parent },
        parent ? trace.setSpan(root, parent) : root,
      );
      const ours: Span = {
        set: (more) => void span.setAttributes({ ...more }),
        end(endedAt, failed) {
          if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
          span.end(endedAt);
        },
      };
      native.set(ours, span);
      return ours;
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}
