import { z } from 'zod';
import type { Outbound, OutboundAnswer } from '../runtime/outbound.ts';
import type { Problem } from './problem.ts';
import { route, type Route } from './route.ts';

const number = z
  .string()
  .regex(/^\+[1-9]\d{4,14}$/, 'must be a number with country code, such as +4930123456')
  .meta({ examples: ['+4930123456'] });

const mostInputCharacters = 8_000;

/** What is nested too deeply to be written is not short. */
function isShort(value: unknown): boolean {
  try {
    return JSON.stringify(value).length <= mostInputCharacters;
  } catch {
    return false;
  }
}

const order = z
  .strictObject({
    agent: z.string().min(1, 'must be the name of an agent').max(40, 'must be the name of an agent'),
    to: number,
    from: number.optional().meta({ description: 'A number of the trunk; left out: the trunk chooses' }),
    input: z
      .unknown()
      .refine(isShort, `must have at most ${mostInputCharacters} characters as JSON`)
      .optional()
      .meta({ description: 'What the agent is told of this call', examples: [{ guest: 'Ms Weber' }] }),
    ringMs: z
      .int('must be a whole number of milliseconds')
      .min(5_000, 'must be from 5000 to 80000')
      .max(80_000, 'must be from 5000 to 80000')
      .multipleOf(1_000, 'must be whole seconds')
      .default(30_000),
  })
  .meta({ examples: [{ agent: 'receptionist', to: '+4930123456', input: { guest: 'Ms Weber' }, ringMs: 30_000 }] });

const problems = {
  off: {
    status: 403,
    code: 'outbound_off',
    title: 'This instance calls nobody',
    fix: 'Set OUTBOUND_ALLOW and OUTBOUND_TRUNK, and start it again',
  },
  notAllowed: {
    status: 403,
    code: 'number_not_allowed',
    title: 'This number may not be called',
    field: 'to',
    fix: 'Call a number that begins with one of OUTBOUND_ALLOW',
  },
  premium: {
    status: 403,
    code: 'number_premium',
    title: 'This is a premium number',
    field: 'to',
    fix: 'Put the beginning of it into OUTBOUND_ALLOW by itself, if it is meant',
  },
  blocked: {
    status: 429,
    code: 'prefix_blocked',
    title: 'Too many calls went to such numbers',
    field: 'to',
    fix: 'Wait, or have an administrator clear it: voicechart security blocks',
    retryable: true,
  },
  agentUnknown: {
    status: 422,
    code: 'agent_unknown',
    title: 'There is no such agent',
    field: 'agent',
    fix: 'Send the name of an agent of this instance',
  },
  other: {
    status: 422,
    code: 'idempotency_key_reused',
    title: 'This Idempotency-Key came before with another body',
    field: 'Idempotency-Key',
    fix: 'Use a new key for each call',
  },
  busy: {
    status: 429,
    code: 'outbound_busy',
    title: 'As many calls out as may be are going on',
    fix: 'Wait until one of them has ended, or raise OUTBOUND_CONCURRENT',
    retryable: true,
    retryAfterSeconds: 10,
  },
  full: {
    status: 429,
    code: 'rooms_full',
    title: 'As many rooms as may be are open',
    fix: 'Wait until one of them is closed, or raise MAX_ROOMS or MAX_PARTICIPANTS',
    retryable: true,
    retryAfterSeconds: 10,
  },
  spent: {
    status: 429,
    code: 'outbound_spent',
    title: 'The minutes for calls out of this day are spent',
    fix: 'Wait until midnight UTC, or raise OUTBOUND_DAILY_MINUTES',
    retryable: true,
  },
} as const satisfies Readonly<Record<string, Problem>>;

/** Calls out. One of the same `Idempotency-Key` is the same call, also after a restart: the call itself keeps the name. */
export function outboundRoutes({ outbound }: { readonly outbound: Outbound }): readonly Route[] {
  return [
    route(
      {
        method: 'post',
        path: '/v1/calls',
        role: 'operator',
        tag: 'Calls',
        about: 'Has an agent call somebody; what comes of it is told by the call',
        body: order,
        fix: 'Send {"agent":"…","to":"+4930123456"}, and perhaps from, input and ringMs',
        idempotency: 'own',
        limitable: 'outbound',
        answers: {
          202: {
            about: 'The call is stored, and will be dialled once',
            body: z.object({ id: z.string(), state: z.literal('dialing'), events: z.string() }),
          },
        },
        problems: Object.values(problems),
      },
      async ({ body, caller, request }) => {
        const name = JSON.stringify([caller.id, request.headers.get('idempotency-key')]);
        const answer = await outbound.call({ ...body, name });
        if (answer.is !== 'dialing') return refusalOf(answer);
        const { callKey: id } = answer;
        return { status: 202, body: { id, state: 'dialing', events: `/v1/calls/${encodeURIComponent(id)}/events` } };
      },
    ),
  ];
}

function refusalOf(answer: Exclude<OutboundAnswer, { is: 'dialing' }>) {
  switch (answer.is) {
    case 'not_allowed':
      return { ...problems.notAllowed, fix: `Call a number that begins with ${answer.allow.join(' or ')}` };
    case 'premium':
      return { ...problems.premium, title: `Numbers that begin with ${answer.prefix} are premium numbers` };
    case 'blocked':
      return {
        ...problems.blocked,
        title: `Too many calls went to numbers that begin with ${answer.prefix}`,
        retryAfterSeconds: Math.ceil(answer.retryAfterMs / 1000),
      };
    case 'agent_unknown':
      return { ...problems.agentUnknown, fix: `Send one of ${answer.agents.join(', ')}` };
    case 'full':
      return { ...problems.full, title: `No call can be made now: ${answer.why}` };
    case 'busy':
      return { ...problems.busy, title: `${answer.concurrent} calls out are going on, and there may be no more` };
    case 'spent':
      return {
        ...problems.spent,
        title: `The ${answer.minutes} minutes for calls out of this day are spent`,
        retryAfterSeconds: Math.ceil(answer.retryAfterMs / 1000),
      };
    default:
      return problems[answer.is];
  }
}
