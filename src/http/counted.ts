import type { Clock } from '../clock.ts';
import type { Metrics } from '../runtime/metrics/metrics.ts';

interface App {
  fetch(request: Request, env?: object): Response | Promise<Response>;
}

interface CountedOptions {
  readonly door: 'webhooks' | 'api';
  readonly metrics: Metrics;
  readonly clock: Pick<Clock, 'now'>;
}

/** A door of which each request is counted and timed, up to the head of its answer. */
export function counted(app: App, { door, metrics, clock }: CountedOptions): App {
  return {
    async fetch(request, env) {
      const came = clock.now();
      const response = await app.fetch(request, env);
      metrics.add('voicechart_http_requests_total', { door, status: `${Math.floor(response.status / 100)}xx` });
      metrics.observe('voicechart_http_request_seconds', { door }, (clock.now() - came) / 1000);
      return response;
    },
  };
}
