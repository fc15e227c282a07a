import type { Context } from 'hono';
import { type Role, mayActAs } from '../runtime/api-keys.ts';
import { ControlError } from '../runtime/control-error.ts';
import type { Guard } from './guard.ts';
import { nameOf, type Once, type Repeats } from './idempotency.ts';
import { problem, type Problem, problemOf, unavailable } from './problem.ts';
import { readInput, readJson } from './read-input.ts';
import { keyInvalid } from './repeat-problems.ts';
import { type Asked, type Caller, isProblem, type Outcome, type Route, type RouteShape } from './route.ts';

export interface ServeOptions {
  readonly guard: Guard;
  readonly repeats: Repeats;
  /** Told of what failed inside; the answer does not say. */
  readonly failed?: (error: unknown) => void;
}

/** One route as a handler: who asks, then what is asked, then the answer. */
export function serveRoute({ shape, handle }: Route, { guard, repeats, failed }: ServeOptions) {
  return async (context: Context): Promise<Response> => {
    const request = context.req.raw;
    try {
      const caller = await admit(shape.role, guard, request);
      if ('status' in caller) return refuse(caller);
      const asked = await readAsked(shape, context);
      if (asked instanceof Response) return asked;
      const stillAllowed = async () => !('status' in (await admit(shape.role, guard, request)));
      const run = () => undone(() => handle({ ...asked, caller, request, stillAllowed }));
      return show(await named(shape, { request, caller, body: asked.body, run }, repeats));
    } catch (error) {
      if (error instanceof ControlError) return refuse(problemOf(error));
      failed?.(error);
      return unavailable();
    }
  };
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

async function admit(needed: Role | 'anyone', guard: Guard, request: Request): Promise<Caller | Problem> {
  if (needed === 'anyone') return nobody;
  const caller = await guard.identify(request);
  if ('status' in caller || (caller.role !== 'anyone' && mayActAs(caller.role, needed))) return caller;
  return roleTooLow(needed);
}

const roleTooLow = (needed: Role): Problem => ({
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
