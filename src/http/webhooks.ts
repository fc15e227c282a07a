import { type Context, Hono } from 'hono';
import type { Clock } from '../clock.ts';
import type { KeyRing } from '../key-ring.ts';
import { readWebhook } from '../runtime/livekit-webhook.ts';
import type { LivekitWebhook } from '../runtime/livekit-webhook.ts';
import type { Intake, IntakeOutcome } from '../runtime/intake.ts';
import { readBounded, saysLonger } from './bounded-body.ts';
import { notFound, problem, unavailable } from './problem.ts';
import { verifyToken, vouchesFor } from './webhook-signature.ts';
import type { Forgery } from './webhook-signature.ts';
import type { Watchman } from './watchman.ts';

export const webhookPath = '/webhooks/livekit';

/** What became of one request, for logs and counters. `detail` is one of our own words, or the server's event name. */
export interface WebhookNote {
  readonly outcome: IntakeOutcome | 'forged' | 'blocked' | 'unreadable' | 'too_large' | 'unavailable';
  readonly detail: string;
  readonly tookMs: number;
}

interface WebhookOptions {
  /** Who may sign, asked for each webhook. */
  readonly keys: Pick<KeyRing, 'all'>;
  readonly intake: Intake;
  readonly clock: Clock;
  /** Counts what was not signed. */
  readonly watchman?: Watchman;
  readonly note?: (note: WebhookNote) => void;
}

const mostBytes = 256 * 1024;
/** The sender waits without a limit of its own and holds back everything else of the room meanwhile; leaves time to answer within 2 s. */
const storeWithinMs = 1_800;

interface Answer {
  readonly response: Response;
  readonly outcome: WebhookNote['outcome'];
  readonly detail: string;
}

/**
 * LiveKit's door: `POST /webhooks/livekit`. 200 once stored, and for what is none of ours; 401 forged; 400 unreadable; 413
 * too large; 429 not signed either, after many that were not; 503 when it could not be stored in time (LiveKit repeats it for 15 s). Repeats are harmless.
 */
export function webhookRoutes(options: WebhookOptions): Hono {
  const { clock, note } = options;
  const app = new Hono();
  app.post(webhookPath, async (context) => {
    const came = clock.now();
    const { response, outcome, detail } = await answerTo(context, options).catch(() => failed('error'));
    note?.({ outcome, detail, tookMs: clock.now() - came });
    return response;
  });
  app.all(webhookPath, () =>
    problem({ status: 405, code: 'method_not_allowed', title: 'Webhooks are POSTed' }, { allow: 'POST' }),
  );
  app.notFound(notFound);
  app.onError(unavailable);
  return app;
}

async function answerTo(context: Context, { keys, intake, clock, watchman }: WebhookOptions): Promise<Answer> {
  const request = context.req.raw;
  const forged = (reason: Forgery) => disbelieved(reason, context, watchman);
  if (saysLonger(request, mostBytes)) return tooLarge();
  const vouched = verifyToken(request.headers.get('authorization') ?? undefined, keys, clock.now());
  if (typeof vouched === 'string') return forged(vouched);
  const body = await readBounded(request, mostBytes).catch(() => 'cut' as const);
  if (body === undefined) return tooLarge();
  if (body === 'cut') return unreadable('body', 'was cut off');
  if (!vouchesFor(vouched, body)) return forged('body_changed');
  const webhook = readBody(body);
  if ('field' in webhook) return unreadable(webhook.field, webhook.message);
  return take(webhook, intake, clock);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function readBody(body: Uint8Array): ReturnType<typeof readWebhook> {
  try {
    return readWebhook(JSON.parse(utf8.decode(body)));
  } catch {
    return { field: 'body', message: 'must be JSON in UTF-8' };
  }
}

async function take(webhook: LivekitWebhook, intake: Intake, clock: Clock): Promise<Answer> {
  const late = Promise.withResolvers<'late'>();
  const timer = clock.setTimeout(() => late.resolve('late'), storeWithinMs);
  try {
    const outcome = await Promise.race([intake.receive(webhook), late.promise]);
    if (outcome === 'late' || outcome === 'full') return failed(outcome);
    return { response: Response.json({ outcome }), outcome, detail: webhook.event };
  } finally {
    clock.clearTimeout(timer);
  }
}

/** A right signature that is too old or too early is a clock's fault, or a repeat: nobody is counted for it. */
const aboutTime: readonly Forgery[] = ['token_expired', 'token_not_yet_valid'];

function disbelieved(reason: Forgery, context: Context, watchman: Watchman | undefined): Answer {
  const blocked = aboutTime.includes(reason) ? undefined : watchman?.disbelieved('forged_webhook', context);
  if (blocked) {
    const wait = { 'retry-after': String(blocked.retryAfterSeconds), connection: 'close' };
    return { response: problem(blocked, wait), outcome: 'blocked', detail: reason };
  }
  return {
    response: problem({ status: 401, code: reason, title: 'This was not signed by a key we know' }),
    outcome: 'forged',
    detail: reason,
  };
}

const unreadable = (field: string, message: string): Answer => ({
  response: problem({
    status: 400,
    code: 'unreadable',
    title: message,
    field,
    fix: 'Send LiveKit’s webhook JSON as it is',
  }),
  outcome: 'unreadable',
  detail: field,
});

const tooLarge = (): Answer => ({
  response: problem(
    { status: 413, code: 'too_large', title: `A webhook has at most ${mostBytes} bytes` },
    { connection: 'close' },
  ),
  outcome: 'too_large',
  detail: 'body',
});

const failed = (detail: string): Answer => ({ response: unavailable(), outcome: 'unavailable', detail });
