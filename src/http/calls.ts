import { Hono } from 'hono';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Calls } from '../runtime/calls.ts';
import { callsLimit } from '../runtime/call-log.ts';
import { eventStream } from './event-stream.ts';
import { problem, unavailable } from './problem.ts';
import { readAfter, readInput, readJson, wholeNumber } from './read-input.ts';

const listQuery = z.object({
  limit: wholeNumber
    .refine((limit) => limit >= 1 && limit <= callsLimit, `must be from 1 to ${callsLimit}`)
    .prefault('50'),
  before: wholeNumber.optional(),
});

const commandForms = 'Send {"type":"say","text":"…"} or {"type":"hang_up"}';

const command = z.discriminatedUnion(
  'type',
  [
    z.strictObject({
      type: z.literal('say'),
      text: z
        .string()
        .trim()
        .min(1, 'must say something')
        .max(500, 'must have at most 500 characters')
        .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must be one line of text'),
    }),
    z.strictObject({ type: z.literal('hang_up') }),
  ],
  { error: 'must be a command: say or hang_up' },
);

/** Watching takes a connection each. */
const mostStreams = 200;

interface CallRoutesOptions {
  readonly calls: Calls;
  readonly clock: Clock;
}

/** Calls as operators see them: the list, one call, its events as they happen, and what it may be told. */
export function callRoutes({ calls, clock }: CallRoutesOptions): Hono {
  const app = new Hono();
  let streams = 0;

  app.get('/', async (context) => {
    const query = readInput(listQuery, context.req.query(), 'GET /v1/calls?limit=50&before=<next of the page before>');
    if (query instanceof Response) return query;
    const { limit, before } = query;
    const found = await calls.list({ limit, ...(before === undefined ? {} : { before }) });
    const next = found.length === limit ? found.at(-1)?.position : undefined;
    return context.json({ calls: found, ...(next === undefined ? {} : { next }) });
  });

  app.get('/:id', async (context) => {
    const call = await calls.get(context.req.param('id'));
    return call === undefined ? noSuchCall() : context.json(call);
  });

  app.get('/:id/events', async (context) => {
    const id = context.req.param('id');
    const after = readAfter(context.req.header('last-event-id'), context.req.query('after'));
    if (after instanceof Response) return after;
    const call = await calls.get(id);
    if (call === undefined) return noSuchCall();
    // 204 is how a server tells an EventSource not to come again.
    if (call.endedAt !== undefined && after >= call.seq) return context.body(null, 204);
    if (context.req.raw.method === 'HEAD') return context.body(null, 200);
    if (streams >= mostStreams) return unavailable();
    streams += 1;
    const done = (): void => void (streams -= 1);
    return eventStream({ entries: (signal) => calls.entries(id, { after, signal }), clock, done });
  });

  app.post('/:id/commands', async (context) => {
    const told = await readJson(context.req.raw, command, commandForms);
    if (told instanceof Response) return told;
    const answer = await calls.command(context.req.param('id'), told);
    if (answer === 'taken') return context.json({ taken: told.type }, 202);
    return answer === 'unknown' ? noSuchCall() : notCommandable(answer);
  });
  return app;
}

const noSuchCall = (): Response =>
  problem({
    status: 404,
    code: 'call_unknown',
    title: 'There is no such call',
    field: 'id',
    fix: 'Take an id from GET /v1/calls',
  });

const refusals = {
  ended: { code: 'call_ended', title: 'This call is over', fix: 'Command a call without endedAt' },
  elsewhere: { code: 'call_elsewhere', title: 'This call is not run here', fix: 'Ask the instance that runs it' },
  untimely: {
    code: 'call_untimely',
    title: 'The call cannot do this now: it rings, or is being ended',
    fix: 'Send it while the call talks',
  },
} as const;

const notCommandable = (why: keyof typeof refusals): Response => problem({ status: 409, ...refusals[why] });
