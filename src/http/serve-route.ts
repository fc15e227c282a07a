import type { Context } from 'hono';
import { type Role, mayActAs } from '../runtime/api-keys.ts';
import { ControlError } from '../runtime/control-error.ts';
import type { Limits } from '../runtime/limits.ts';
import type { RequestNote } from './door-log.ts';
import { type Guard, keyRefusals } from './guard.ts';
import { nameOf, type Once, type Repeats } from './idempotency.ts';
import { limitedNow } from './limited.ts';
import { problem, type Problem, problemOf, unavailableNow } from './problem.ts';
import { readInput, readJson } from './read-input.ts';
import { keyInvalid } from './repeat-problems.ts';
import type { Watchman } from './watchman.ts';
import { type Asked, type Caller, isProblem, type Outcome, type Route, type RouteShape } from './route.ts';

export interface ServeOptions {
  readonly guard: Guard;
  readonly repeats: Repeats;
  /** What recovery has switched off. */
  readonly limits: Limits;
  /** Counts who came with a key that is none. */
  readonly watchman?: Watchman;
  /** Told of what failed inside; the answer does not say. */
  readonly failed?: (error: unknown) => void;
  /** Told of each request, when it was answered. */
  readonly note?: (note: RequestNote) => void;
}

/** One route as a handler: who asks, then what is asked, then the answer. */
export function serveRoute(route: Route, options: ServeOptions) {
  const { method, path } = route.shape;
  return async (context: Context): Promise<Response> => {
    let keyId = '';
    const answered = await outcomeOf(route, context, options, (id) => (keyId = id));
    const outcome = (isDisbelieved(answered) && options.watchman?.disbelieved('bad_key', context)) || answered;
    const response = show(outcome);
    const refused = outcome instanceof Response || !isProblem(outcome) ? {} : { code: outcome.code };
    options.note?.({ keyId, method, path, status: response.status, ...refused });
    return response;
  };
}

/** A key came, and it opens nothing. */
const isDisbelieved = (outcome: Outcome): boolean =>
  !(outcome instanceof Response) &&
  isProblem(outcome) &&
  Object.values(keyRefusals).some(({ code }) => code === outcome.code);

async function outcomeOf(
  { shape, handle }: Route,
  context: Context,
  { guard, repeats, limits, failed }: ServeOptions,
  cameAs: Asked['cameAs'],
): Promise<Outcome> {
  const request = context.req.raw;
  try {
    const caller = await comerOf(shape.role, guard, request);
    if ('status' in caller) return caller;
    cameAs(caller.id);
    if (!isAllowed(caller, shape.role)) return roleTooLow(shape.role);
    const asked = await readAsked(shape, context);
    if (asked instanceof Response) return asked;
    const refusal = limitedNow(shape, asked.body, limits);
    if (refusal !== undefined) return refusal;
    const stillAllowed = async () => isAllowed(await comerOf(shape.role, guard, request), shape.role);
    const run = () => undone(() => handle({ ...asked, caller, request, stillAllowed, cameAs }));
    return await named(shape, { request, caller, body: asked.body, run }, repeats);
  } catch (error) {
    if (error instanceof ControlError) return problemOf(error);
    failed?.(error);
    return unavailableNow;
  }
}

/** Once under its name, where it has one. */
function named({ idempotency }: RouteShape, asked: Once, repeats: Repeats): Outcome | Promise<Outcome> {
  if (idempotency === undefined) return asked.run();
  if (idempotency === 'optional') return repeats.once(asked);
  return nameOf(asked.request) === undefined ? keyInvalid : asked.run();
}

/** What LiveKit refused made nothing: a refusal, so that its Idempotency-Key is free again. */
async function undone(run: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ControlError && !error.maybeDone) return problemOf(error);
    throw error;
  }
}

const nobody: Caller = { id: '', name: '', role: 'anyone' };

const comerOf = async (needed: Role | 'anyone', guard: Guard, request: Request): Promise<Caller | Problem> =>
  needed === 'anyone' ? nobody : guard.identify(request);

function isAllowed(comer: Caller | Problem, needed: Role | 'anyone'): boolean {
  if (needed === 'anyone') return true;
  return !('status' in comer) && comer.role !== 'anyone' && mayActAs(comer.role, needed);
}

const roleTooLow = (needed: Role | 'anyone'): Problem => ({
  status: 403,
  code: 'role_too_low',
  title: `This takes a key with the role ${needed}`,
  fix: 'Use another key, or ask an administrator for one',
});

/** Path and query as strings, the body as JSON, each by its schema. */
async function readAsked(
  shape: RouteShape,
  context: Context,
): Promise<Pick<Asked, 'params' | 'query' | 'body'> | Response> {
  const fix = shape.fix ?? `See ${shape.path} in /docs`;
  const params = shape.params ? readInput(shape.params, context.req.param(), fix) : {};
  if (params instanceof Response) return params;
  const query = shape.query ? readInput(shape.query, context.req.query(), fix) : {};
  if (query instanceof Response) return query;
  const body = shape.body ? await readJson(context.req.raw, shape.body, fix, shape.mostBytes) : undefined;
  return body instanceof Response ? body : { params, query, body };
}

function show(outcome: Outcome): Response {
  if (outcome instanceof Response) return outcome;
  if (isProblem(outcome)) return refuse(outcome);
  const { status, body, headers } = outcome;
  const fresh = { 'cache-control': 'no-store', ...headers };
  return body === undefined
    ? new Response(null, { status, headers: fresh })
    : Response.json(body, { status, headers: fresh });
}

const refuse = (refusal: Problem): Response => problem(refusal, headersOf(refusal));

function headersOf({ status, retryAfterSeconds = 1 }: Problem): Readonly<Record<string, string>> {
  if (status === 401) return { 'www-authenticate': 'Bearer' };
  return status === 503 || status === 429 ? { 'retry-after': String(retryAfterSeconds) } : {};
}
