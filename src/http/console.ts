import { z } from 'zod';
import { notFound } from './problem.ts';
import { route, type Route } from './route.ts';
import { consoleFile } from './static-files.ts';

interface ConsoleRoutesOptions {
  /** The machines' charts as JSON, for the console to draw. */
  readonly chart: () => { readonly charts: readonly unknown[] };
  /** Folder of the built console. */
  readonly folder: string;
}

/** The operators' page, and what it draws. Its files are nobody's secret: whoever has no key is shown where to enter it. */
export function consoleRoutes({ chart, folder }: ConsoleRoutesOptions): readonly Route[] {
  return [
    route(
      {
        method: 'get',
        path: '/v1/chart',
        role: 'viewer',
        tag: 'Charts',
        about: 'The machines of a call, to be drawn',
        answers: { 200: { about: 'The charts', body: z.object({ charts: z.array(z.unknown()).readonly() }) } },
      },
      () => ({ status: 200, body: chart() }),
    ),
    home('/'),
    home('/console'),
    route(
      { method: 'get', path: '/console/*', role: 'anyone', about: 'The console', answers: {} },
      async ({ request }) => (await consoleFile(folder, insideConsole(request))) ?? notFound(),
    ),
  ];
}

const home = (path: '/' | '/console'): Route =>
  route({ method: 'get', path, role: 'anyone', about: 'To the console', answers: {} }, () => to('/console/'));

const to = (location: string): Response => new Response(null, { status: 302, headers: { location } });

/** Path below `/console`, decoded; what cannot be decoded names no file. */
function insideConsole(request: Request): string {
  const path = new URL(request.url).pathname.slice('/console'.length);
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
