import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Calls, CallView, ListedCall } from '../runtime/calls.ts';
import { callsLimit, type LogEntry } from '../runtime/call-log.ts';
import { egressView } from './egress.ts';
import { createStreams } from './event-stream.ts';
import { oneSentence } from './input-fields.ts';
import { nextOf, pageQuery } from './pages.ts';
import { unavailableNow } from './problem.ts';
import { afterQuery, readAfter } from './read-input.ts';
import { route, type Route } from './route.ts';

const command = z
  .discriminatedUnion(
    'type',
    [
      z.strictObject({
        type: z.literal('say'),
        text: oneSentence(500),
      }),
      z.strictObject({ type: z.literal('hang_up') }),
      z.strictObject({ type: z.literal('stop_recording') }),
      z.strictObject({
        type: z.literal('transfer'),
        to: z.string().min(1, 'must name somebody').max(40, 'must have at most 40 characters'),
      }),
    ],
    { error: 'must be a command: say, transfer, hang_up or stop_recording' },
  )
  .meta({
    examples: [
      { type: 'say', text: 'One moment, please.' },
      { type: 'transfer', to: 'frontDesk' },
      { type: 'hang_up' },
    ],
  });

const ms = z.number().meta({ description: 'ms since 1970' });
const summary = z.looseObject({
  callKey: z.string(),
  position: z.int(),
  startedAt: ms,
  endedAt: ms.optional(),
  room: z.string().optional(),
  agent: z.string().optional(),
  why: z.string().optional(),
  direction: z.literal('out').optional().meta({ description: 'We called' }),
  outcome: z
    .looseObject({ result: z.string(), sipStatus: z.int().optional() })
    .optional()
    .meta({ description: 'What came of calling' }),
  turns: z.int(),
  seq: z.int(),
  pii: z.looseObject({ phone: z.string().optional() }),
});
const listed = summary.extend({
  owner: z
    .object({ pid: z.int(), epoch: z.int() })
    .optional()
    .meta({ description: 'The process that runs it, and the how-manieth owner of the call that is' }),
});
const listedCall: z.ZodType<ListedCall> = listed as never;
const callView: z.ZodType<CallView> = listed.extend({
  live: z.boolean(),
  value: z.unknown().optional(),
  recording: egressView.optional(),
}) as never;
const logEntry: z.ZodType<LogEntry> = z.looseObject({
  seq: z.int(),
  at: ms,
  kind: z.enum(['call', 'state', 'line', 'turn', 'event']),
  data: z.looseObject({}),
  pii: z.looseObject({}).optional(),
}) as never;

const callId = z.object({
  id: z.string().meta({ description: 'callKey of the list', examples: ['voice-ai-call-1~SCL_1'] }),
});

const callUnknown = {
  status: 404,
  code: 'call_unknown',
  title: 'There is no such call',
  field: 'id',
  fix: 'Take an id from GET /v1/calls',
} as const;

const refusals = {
  unknown: callUnknown,
  ended: { status: 409, code: 'call_ended', title: 'This call is over', fix: 'Command a call without endedAt' },
  elsewhere: {
    status: 409,
    code: 'call_elsewhere',
    title: 'This call is not run here',
    fix: 'Ask the instance that runs it',
  },
  untimely: {
    status: 409,
    code: 'call_untimely',
    title: 'The call cannot do this now: it rings, is put through, is being ended, or is not recorded',
    fix: 'Send it while the call talks',
  },
} as const;

const nobodySo = {
  status: 422,
  code: 'person_unknown',
  title: 'The agent of this call puts callers through to nobody of this name',
  field: 'to',
  fix: 'Name somebody in `people` of the agent',
} as const;

/** Watching takes a connection each. */
const mostStreams = 200;

interface CallRoutesOptions {
  readonly calls: Calls;
  readonly clock: Clock;
}

/** Calls as operators see them: the list, one call, its events as they happen, and what it may be told. */
export function callRoutes({ calls, clock }: CallRoutesOptions): readonly Route[] {
  const streams = createStreams({ most: mostStreams, clock });
  const tag = 'Calls';
  return [
    route(
      {
        method: 'get',
        path: '/v1/calls',
        role: 'viewer',
        tag,
        about: 'Calls, newest first',
        query: pageQuery(callsLimit),
        fix: 'GET /v1/calls?limit=50&before=<next of the page before>',
        answers: {
          200: {
            about: 'A page',
            body: z.object({ calls: z.array(listedCall).readonly(), next: z.int().optional() }),
          },
        },
      },
      async ({ query: { limit, before } }) => {
        const found = await calls.list({ limit, ...(before === undefined ? {} : { before }) });
        return { status: 200, body: { calls: found, ...nextOf(found, limit, ({ position }) => position) } };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/calls/{id}',
        role: 'viewer',
        tag,
        about: 'One call as it is now',
        params: callId,
        answers: { 200: { about: 'The call', body: callView } },
        problems: [callUnknown],
      },
      async ({ params }) => {
        const call = await calls.get(params.id);
        return call === undefined ? callUnknown : { status: 200, body: call };
      },
    ),
    route(
      {
        method: 'get',
        path: '/v1/calls/{id}/events',
        role: 'viewer',
        tag,
        about: 'What happens in a call, from the beginning or after an event, until it ends',
        params: callId,
        query: afterQuery,
        answers: {
          200: { about: 'Entries of its log; after the last one an event `end`', stream: logEntry },
          204: { about: 'It is over and nothing comes after this event' },
        },
        problems: [callUnknown, unavailableNow],
      },
      async ({ params: { id }, query, request, stillAllowed }) => {
        const after = readAfter(request, query);
        if (after instanceof Response) return after;
        const call = await calls.get(id);
        if (call === undefined) return callUnknown;
        if (call.endedAt !== undefined && after >= call.seq) return { status: 204 };
        const entries = (signal: AbortSignal) => calls.entries(id, { after, signal });
        return streams.open({ request, entries, stillAllowed }) ?? unavailableNow;
      },
    ),
    route(
      {
        method: 'post',
        path: '/v1/calls/{id}/commands',
        role: 'operator',
        tag,
        about: 'Tells a call to say something, to put the caller through, to hang up, or to be recorded no longer',
        params: callId,
        body: command,
        fix: 'Send {"type":"say","text":"…"}, {"type":"transfer","to":"…"}, {"type":"hang_up"} or {"type":"stop_recording"}',
        limitable: ({ type }) => (type === 'transfer' ? 'transfers' : undefined),
        answers: {
          202: {
            about: 'The call was told',
            body: z.object({ taken: z.enum(['say', 'transfer', 'hang_up', 'stop_recording']) }),
          },
        },
        problems: [...Object.values(refusals), nobodySo],
      },
      async ({ params, body }) => {
        const answer = await calls.command(params.id, body);
        if (answer === 'taken') return { status: 202, body: { taken: body.type } };
        if (typeof answer === 'string') return refusals[answer];
        const { people } = answer;
        return people.length > 0 ? { ...nobodySo, fix: `Send one of ${people.join(', ')}` } : nobodySo;
      },
    ),
  ];
}
