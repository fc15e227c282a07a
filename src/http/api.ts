import { Hono } from 'hono';
import type { Clock } from '../clock.ts';
import type { Calls } from '../runtime/calls.ts';
import { callRoutes } from './calls.ts';
import { notFound, unavailable } from './problem.ts';
import { sameMachine } from './same-machine.ts';
import { consoleFile } from './static-files.ts';

interface ApiOptions {
  readonly calls: Calls;
  /** The machines' charts as JSON, for the console to draw. */
  readonly chart: () => unknown;
  /** Folder of the built console. */
  readonly consoleFolder: string;
  readonly clock: Clock;
  /** Further routes behind the same checks, by path. */
  readonly more?: Readonly<Record<string, Hono>>;
  /** Told of what failed inside; the answer does not say. */
  readonly failed?: (error: unknown) => void;
}

/** The operators' door: calls, charts and the console. This machine only, until there are roles. */
export function apiRoutes({ calls, chart, consoleFolder, clock, more = {}, failed }: ApiOptions): Hono {
  const app = new Hono();
  app.use(sameMachine);
  app.use(async (context, next) => {
    await next();
    context.header('x-content-type-options', 'nosniff');
    context.header('cross-origin-resource-policy', 'same-origin');
    context.header('referrer-policy', 'no-referrer');
  });
  app.get('/', (context) => context.redirect('/console/'));
  app.route('/v1/calls', callRoutes({ calls, clock }));
  app.get('/v1/chart', (context) => context.json(chart()));
  for (const [path, routes] of Object.entries(more)) app.route(path, routes);
  app.get('/console', (context) => context.redirect('/console/'));
  app.get('/console/*', async (context) => {
    const path = context.req.path.slice('/console'.length);
    return (await consoleFile(consoleFolder, path)) ?? notFound();
  });
  app.notFound(notFound);
  app.onError((error) => {
    failed?.(error);
    return unavailable();
  });
  return app;
}
