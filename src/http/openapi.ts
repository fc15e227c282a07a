import { sourceBlocked } from './watchman.ts';
import { z } from 'zod';
import type { Content, Document, Operation, Parameter, Schema } from './openapi-types.ts';
import { limited } from './limited.ts';
import { type Problem, unavailableNow } from './problem.ts';
import { keyInvalid, repeatProblems } from './repeat-problems.ts';
import type { AnswerShape, Route, RouteShape } from './route.ts';

/** The API as OpenAPI 3.1: every route that has a tag, with all that the door itself may answer. */
export function documentOf(routes: readonly Route[]): Document {
  const shown = routes.map(({ shape }) => shape).filter(isShown);
  const paths = Map.groupBy(shown, ({ path }) => path);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Voicechart',
      version: '1',
      description:
        'Phone calls with an AI agent, for those who run them. Every error is a problem (RFC 9457) with a code for programs and, ' +
        'where there is one, the field at fault and how to mend it.',
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }],
    tags: [...new Set(shown.map(({ tag }) => tag))].map((name) => ({ name })),
    paths: Object.fromEntries(
      [...paths].map(([path, shapes]) => [
        path,
        Object.fromEntries(shapes.map((shape) => [shape.method, operation(shape)])),
      ]),
    ),
    components: { schemas: { Problem: problemSchema }, securitySchemes },
  };
}

const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: 'A key of `voicechart api-keys create`: vck_…' },
};

const problemSchema = {
  type: 'object',
  required: ['type', 'status', 'code', 'title'],
  properties: {
    type: { const: 'about:blank' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', description: 'A word for programs; stable' },
    title: { type: 'string', description: 'What is wrong, for a person' },
    field: { type: 'string', description: 'Path of the field at fault' },
    fix: { type: 'string', description: 'What to do about it' },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later' },
    retryAfterSeconds: { type: 'integer', description: 'Not before this; the header Retry-After says it too' },
    livekitCode: { type: 'string', description: 'LiveKit’s own word' },
  },
};

const isShown = (shape: RouteShape): shape is ShownShape => shape.tag !== undefined;

type ShownShape = RouteShape & { readonly tag: string };

function operation(shape: ShownShape): Operation {
  const { tag, about, role, body, method, path } = shape;
  return {
    operationId: `${method}_${path.replaceAll(/\W+/g, '_').replaceAll(/^_|_$/g, '')}`,
    tags: [tag],
    summary: about,
    description: role === 'anyone' ? 'Needs no key.' : `Needs the role ${role}.`,
    'x-role': role,
    ...(role === 'anyone' ? { security: [] } : {}),
    parameters: parametersOf(shape),
    ...(body ? { requestBody: { required: true, content: { 'application/json': contentOf(body, 'input') } } } : {}),
    responses: responsesOf(shape),
  };
}

/** `examples` of a schema go where documentation looks for them; the rest is the schema. */
function contentOf(schema: z.ZodType, io: 'input' | 'output'): Content[string] {
  const { examples, ...rest } = schemaOf(schema, io);
  const named = (examples as readonly unknown[] | undefined)?.map((value, index) => [`example${index + 1}`, { value }]);
  return { schema: rest, ...(named ? { examples: Object.fromEntries(named) } : {}) };
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest as Schema;
}

function parametersOf({ params, query, idempotency }: RouteShape): readonly Parameter[] {
  return [
    ...fieldsOf(params, 'path'),
    ...fieldsOf(query, 'query'),
    ...(idempotency ? [keyParameter(idempotency)] : []),
  ];
}

function fieldsOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): readonly Parameter[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input');
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }));
}

const keyParameter = (demand: 'optional' | 'own'): Parameter => ({
  name: 'Idempotency-Key',
  in: 'header',
  required: demand === 'own',
  description:
    'Names the request: sent again within a day with the same body it is answered as the first time, and nothing is made twice',
  schema: { type: 'string', pattern: '^[!-~]{16,200}$' },
});

type Responses = Operation['responses'];

function responsesOf(shape: RouteShape): Responses {
  const answers = Object.entries(shape.answers).map(([status, answer]) => [status, responseOf(answer)]);
  const problems = Map.groupBy([...problemsOf(shape), ...(shape.problems ?? [])], ({ status }) => status);
  return Object.fromEntries([...answers, ...[...problems].map(([status, some]) => [status, refusalOf(some)])]);
}

function responseOf({ about, body, stream, type }: AnswerShape): Responses[string] {
  if (body) return { description: about, content: { 'application/json': contentOf(body, 'output') } };
  if (stream) return { description: about, content: { 'text/event-stream': { schema: eventOf(stream) } } };
  return { description: about, ...(type === undefined ? {} : { content: { [type]: { schema: {} } } }) };
}

/** One of the events, as OpenAPI 3.2 writes streams. */
const eventOf = (data: z.ZodType): Schema => ({
  type: 'object',
  required: ['data'],
  properties: {
    id: { type: 'string', description: 'Its number: what Last-Event-ID sends' },
    event: { type: 'string', description: '`end` for the last one' },
    data: { type: 'string', contentMediaType: 'application/json', contentSchema: schemaOf(data, 'output') },
  },
});

function refusalOf(problems: readonly Problem[]): Responses[string] {
  const codes = [...new Map(problems.map((each) => [each.code, each])).values()];
  return {
    description: codes.map(({ code, title }) => `\`${code}\`: ${title}`).join('\n\n'),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  };
}

/** What the door answers before or instead of the route. */
function problemsOf({ role, params, query, body, idempotency, limitable }: RouteShape): readonly Problem[] {
  return [
    { status: 403, code: 'host_not_allowed', title: 'The request named another host than this one' },
    { status: 403, code: 'origin_not_allowed', title: 'The request came from a page of another site' },
    unavailableNow,
    ...(role === 'anyone' ? [] : [...keyProblems, sourceBlocked]),
    ...(params || query || body
      ? [{ status: 400, code: 'invalid', title: 'Something sent cannot be read' } as const]
      : []),
    ...(body ? bodyProblems : []),
    ...(idempotency === 'optional' ? repeatProblems : []),
    ...(idempotency === 'own' ? [keyInvalid] : []),
    ...(limitable === undefined ? [] : [limited]),
  ];
}

const keyProblems: readonly Problem[] = [
  { status: 401, code: 'key_missing', title: 'No key came with the request' },
  { status: 401, code: 'key_wrong', title: 'There is no such key' },
  { status: 401, code: 'key_revoked', title: 'The key was revoked' },
  { status: 401, code: 'session_over', title: 'The session is over' },
  { status: 403, code: 'origin_missing', title: 'A cookie came without the Origin of its page' },
  { status: 403, code: 'role_too_low', title: 'The role of the key is too low' },
];

const bodyProblems: readonly Problem[] = [
  { status: 400, code: 'not_json', title: 'The body is not JSON' },
  { status: 413, code: 'too_large', title: 'The body is too large' },
  { status: 415, code: 'not_json', title: 'The body is of another type than JSON' },
];
