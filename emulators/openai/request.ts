import { z } from 'zod';

export type Provider = 'openai' | 'groq';

/** An HTTP refusal in the vendor's shape. */
export interface Refusal {
  readonly status: number;
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly code?: string | null;
    readonly param?: string;
  };
}

const toolCall = z.object({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.object({ name: z.string(), arguments: z.string() }),
});

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  name: z.string().optional(),
  tool_calls: z.array(toolCall).min(1).optional(),
  tool_call_id: z.string().optional(),
});

const tool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: z.record(z.string(), z.unknown()).optional(),
    strict: z.boolean().nullish(),
  }),
});

const completion = z.strictObject({
  model: z.string(),
  messages: z.array(message).min(1),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.boolean().optional() }).optional(),
  tools: z.array(tool).min(1).optional(),
  tool_choice: z.unknown().optional(),
  parallel_tool_calls: z.boolean().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().optional(),
  max_completion_tokens: z.int().min(1).optional(),
  max_tokens: z.int().min(1).optional(),
  reasoning_effort: z.string().optional(),
  verbosity: z.string().optional(),
  service_tier: z.string().optional(),
  prompt_cache_key: z.string().optional(),
  prompt_cache_retention: z.string().optional(),
  safety_identifier: z.string().optional(),
  response_format: z.unknown().optional(),
  store: z.boolean().nullish(),
  metadata: z.unknown().optional(),
  user: z.string().optional(),
  seed: z.int().optional(),
  stop: z.unknown().optional(),
  n: z.int().optional(),
  logprobs: z.boolean().optional(),
  top_logprobs: z.int().optional(),
  logit_bias: z.unknown().optional(),
});

export type Completion = z.infer<typeof completion>;

/** Reads the body of a streamed chat completion, or says how the vendor would refuse it. */
export function readCompletion(provider: Provider, text: string): Completion | Refusal {
  const json = parse(text);
  const result = completion.safeParse(json);
  if (!result.success) return invalid(z.prettifyError(result.error), result.error.issues[0]?.path.join('.'));
  const problem = (provider === 'groq' && groqProblem(result.data)) || historyProblem(result.data.messages);
  return problem ? invalid(problem) : result.data;
}

export const isRefusal = (value: object): value is Refusal => 'error' in value;

export const unknownModel = (model: string): Refusal => ({
  status: 404,
  error: {
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    type: 'invalid_request_error',
    code: 'model_not_found',
  },
});

/** Groq says that it took a model out of service; at OpenAI it is as if it had never been. */
export const retiredModel = (provider: Provider, model: string): Refusal =>
  provider === 'openai'
    ? unknownModel(model)
    : {
        status: 400,
        error: {
          message: `The model \`${model}\` has been decommissioned and is no longer supported.`,
          type: 'invalid_request_error',
          code: 'model_decommissioned',
        },
      };

export const unknownPath = (path: string): Refusal => ({
  status: 404,
  error: { message: `Unknown request URL: ${path}`, type: 'invalid_request_error' },
});

export const tooMany: Refusal = {
  status: 429,
  error: { message: 'Rate limit reached: too many requests at once.', type: 'requests', code: 'rate_limit_exceeded' },
};

export const badKey: Refusal = {
  status: 401,
  error: { message: 'Incorrect API key provided.', type: 'invalid_request_error', code: 'invalid_api_key' },
};

/** Groq refuses what OpenAI takes (console.groq.com/docs/openai). */
function groqProblem(body: Completion): string | undefined {
  for (const field of ['logprobs', 'top_logprobs', 'logit_bias'] as const)
    if (body[field] !== undefined) return `property '${field}' is unsupported`;
  if (body.n !== undefined && body.n !== 1) return "'n' must be 1";
  if (body.messages.some((message) => message.name !== undefined)) return "'messages[].name' is unsupported";
  return undefined;
}

/** Both vendors refuse a history in which tool calls and results do not pair up. */
function historyProblem(messages: Completion['messages']): string | undefined {
  let open = new Set<string>();
  for (const { role, tool_calls, tool_call_id } of messages) {
    if (role === 'tool') {
      if (!open.delete(tool_call_id ?? ''))
        return "messages with role 'tool' must be a response to a preceding message with 'tool_calls'.";
      continue;
    }
    if (open.size > 0) return unanswered(open);
    open = new Set(tool_calls?.map((call) => call.id));
  }
  return open.size > 0 ? unanswered(open) : undefined;
}

const unanswered = (ids: ReadonlySet<string>) =>
  `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. Missing: ${[...ids].join(', ')}`;

/** The request itself is wrong. */
export const invalid = (message: string, param?: string): Refusal => ({
  status: 400,
  error: { message, type: 'invalid_request_error', code: null, ...(param && { param }) },
});

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
