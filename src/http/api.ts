import { Hono } from 'hono';
import { roles } from '../runtime/api-keys.ts';
import { docsRoutes } from './docs-page.ts';
import { documentOf } from './openapi.ts';
import { notFound, problem } from './problem.ts';
import { route, type Route } from './route.ts';
import { ownPagesOnly } from './own-pages.ts';
import { serveRoute, type ServeOptions } from './serve-route.ts';

interface ApiOptions extends ServeOptions {
  readonly routes: readonly Route[];
  /** Where browsers reach it, when not by a name of this machine. */
  readonly publicUrl?: string;
}

/** The operators' door: what is declared as a route, and nothing else. Throws when a declaration is not whole. */
export function apiRoutes({ routes, publicUrl, ...options }: ApiOptions): Hono {
  const all = [...routes, documentRoute(routes), ...docsRoutes(routes)];
  for (const each of all) checkWhole(each);
  const app = new Hono();
  app.use(ownPagesOnly(publicUrl));
  app.use(async (context, next) => {
    await next();
    context.header('x-content-type-options', 'nosniff');
    context.header('cross-origin-resource-policy', 'same-origin');
    context.header('referrer-policy', 'no-referrer');
  });
  for (const each of all) app.on(each.shape.method, patternOf(each), serveRoute(each, options));
  for (const path of new Set(all.map(patternOf))) app.all(path, () => wrongMethod(all, path));
  app.notFound(notFound);
  return app;
}

/** Made once: anybody may ask for it, as often as they like. */
function documentRoute(routes: readonly Route[]): Route {
  const text = JSON.stringify(documentOf(routes));
  return route(
    {
      method: 'get',
      path: '/openapi.json',
      role: 'anyone',
      about: 'This API as OpenAPI 3.1',
      answers: { 200: { about: 'The document', type: 'application/json' } },
    },
    () => new Response(text, { headers: { 'content-type': 'application/json' } }),
  );
}

const namesOf = (path: string): readonly string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

/** As Hono writes it. */
const patternOf = ({ shape }: Route): string => shape.path.replaceAll(/\{(\w+)\}/g, ':$1');

/** What types cannot see: routes may come from JavaScript, or by a cast. */
function checkWhole({ shape }: Route): void {
  const { method, path, role, params } = shape;
  const where = `${method.toUpperCase()} ${path}`;
  if (role !== 'anyone' && !roles.includes(role))
    throw new Error(`${where} has no role: declare one of ${roles.join(', ')}, or anyone`);
  const named = Object.keys(params?.shape ?? {});
  const lost = namesOf(path).filter((name) => !named.includes(name));
  if (lost.length > 0) throw new Error(`${where} does not say in params what ${lost.join(', ')} is`);
}

function wrongMethod(routes: readonly Route[], path: string): Response {
  const allowed = routes.filter((each) => patternOf(each) === path).map(({ shape }) => shape.method.toUpperCase());
  return problem(
    { status: 405, code: 'method_not_allowed', title: `Here is only ${allowed.join(', ')}` },
    { allow: allowed.join(', ') },
  );
}
