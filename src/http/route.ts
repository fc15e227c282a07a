import type { z } from 'zod';
import type { LimitableOperation } from '../posture.ts';
import type { Role } from '../runtime/api-keys.ts';
import type { Problem } from './problem.ts';

/**
 * How to add a route: write `export function thingRoutes({ … }): readonly Route[]` in a file beside this one, each route as
 *
 *   const thingUnknown = { status: 404, code: 'thing_unknown', title: 'There is no such thing', field: 'id' } as const;
 *   route(
 *     {
 *       method: 'post', path: '/v1/things/{id}/parts', role: 'operator', tag: 'Things', about: 'Makes a part of a thing',
 *       params: z.object({ id: z.string() }), body: z.strictObject({ size: z.int() }), fix: 'Send {"size":1}',
 *       idempotency: 'optional', answers: { 201: { about: 'Made', body: part } }, problems: [thingUnknown, ...livekitProblems],
 *     },
 *     async ({ params, body, caller }) => {
 *       const made = await things.make(params.id, body.size);
 *       return made === undefined ? thingUnknown : { status: 201, body: made };
 *     },
 *   )
 *
 * and mount it in `wiring/operator-routes.ts`: `...thingRoutes({ … })`. The door checks the role, reads `params`, `query`
 * and `body` by their schemas (400, 413 and 415 are its answers), keeps answers under `Idempotency-Key`, and documents all of
 * it in `/openapi.json`. What the handler gives that was not declared does not compile; neither does a route without a role.
 * A list takes `pageQuery` and gives `{ things, next? }`: see `pages.ts`. A `ControlError` that is thrown becomes one of
 * `livekitProblems`; anything else that is thrown is 503.
 */
export function route<
  Params extends z.ZodObject = Nothing,
  Query extends z.ZodObject = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  const Answers extends AnswerShapes = AnswerShapes,
  const Problems extends readonly Problem[] = readonly [],
>(
  shape: RouteShape<Params, Query, Body, Answers, Problems>,
  handle: (
    asked: Asked<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Declared<Answers, Problems> | Promise<Declared<Answers, Problems>>,
): Route {
  return { shape, handle } as unknown as Route;
}

type Nothing = z.ZodObject<Record<never, never>>;

/** What a route is, for the door and for the document. */
export interface RouteShape<
  Params extends z.ZodObject = z.ZodObject,
  Query extends z.ZodObject = z.ZodObject,
  Body extends z.ZodType = z.ZodType,
  Answers extends AnswerShapes = AnswerShapes,
  Problems extends readonly Problem[] = readonly Problem[],
> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** As in OpenAPI: `/v1/calls/{id}`. A path that ends in `*` takes all below it. */
  readonly path: `/${string}`;
  /** The least role that may; `anyone` needs no key. */
  readonly role: Role | 'anyone';
  /** Left out of the document when there is none. */
  readonly tag?: string;
  /** One line for the document. */
  readonly about: string;
  /** Every `{name}` of the path. */
  readonly params?: Params;
  readonly query?: Query;
  /** JSON of at most 16 KiB, or of `mostBytes`. */
  readonly body?: Body;
  readonly mostBytes?: number;
  /** Tells a caller whose input cannot be read what to send. */
  readonly fix?: string;
  /**
   * For a request that makes something. `optional`: the caller may name it by `Idempotency-Key`, and the door remembers the
   * answer. `own`: it must be named, and what is made keeps the name itself; the door looks at the name's form alone.
   */
  readonly idempotency?: 'optional' | 'own';
  /** What recovery may switch off: then it is refused; where that depends on the body, as this says. */
  readonly limitable?: LimitableOperation | ((body: z.output<Body>) => LimitableOperation | undefined);
  readonly answers: Answers;
  /** What it refuses by itself; what the door refuses is known. */
  readonly problems?: Problems;
}

/** By status. `body` is JSON; `stream` are server-sent events, each with this in its `data`; `type` is anything else. */
export type AnswerShapes = Readonly<Record<number, AnswerShape>>;

export interface AnswerShape {
  readonly about: string;
  readonly body?: z.ZodType;
  readonly stream?: z.ZodType;
  readonly type?: string;
}

/** Who asks: the holder of a key. `role` is `anyone` where no key was needed. */
export interface Caller {
  /** Id of the key; empty for nobody. */
  readonly id: string;
  readonly name: string;
  readonly role: Role | 'anyone';
}

export interface Asked<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  readonly request: Request;
  /** Whether the key, or the session, still is what let the request in; for what goes on after the answer has begun. */
  readonly stillAllowed: () => Promise<boolean>;
  /** Says whose key it turned out to be, where none was needed: for the log. */
  readonly cameAs: (keyId: string) => void;
}

type Headers = Readonly<Record<string, string>>;

type Answered<Answers extends AnswerShapes> = {
  [Status in keyof Answers & number]: Answers[Status] extends { readonly body: infer Body extends z.ZodType }
    ? { readonly status: Status; readonly body: z.output<Body>; readonly headers?: Headers }
    : { readonly status: Status; readonly body?: undefined; readonly headers?: Headers };
}[keyof Answers & number];

/** A declared problem; its words may be more exact than declared. */
type Refused<Problems extends readonly Problem[]> = {
  [Index in keyof Problems]: Problem & Pick<Problems[Index], 'status' | 'code'>;
}[number];

/** What a handler gives: a declared answer, a declared problem, or a response of its own (streams, files). */
type Declared<Answers extends AnswerShapes, Problems extends readonly Problem[]> =
  | Answered<Answers>
  | Refused<Problems>
  | Response;

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Headers;
}

export type Outcome = Answer | Problem | Response;

/** A route whose types have been checked. */
export interface Route {
  readonly shape: RouteShape;
  readonly handle: (asked: Asked) => Outcome | Promise<Outcome>;
}

export const isProblem = (outcome: Answer | Problem): outcome is Problem => 'code' in outcome;
