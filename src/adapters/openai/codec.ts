import type OpenAI from 'openai';
import type { ModelMessage, ModelRequest, ToolCall, ToolSpec } from '../../actors/reply-model.ts';

type Body = OpenAI.ChatCompletionCreateParamsStreaming;
type Chunk = OpenAI.ChatCompletionChunk;

/** Which vendor's rules a request follows: Groq refuses some of what OpenAI takes (console.groq.com/docs/openai). */
export type Provider = 'openai' | 'groq';

export interface Tuning {
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly reasoningEffort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  /** OpenAI only. */
  readonly serviceTier?: 'auto' | 'default' | 'flex' | 'priority';
  /** OpenAI only: requests with the same key find the same prompt cache. */
  readonly promptCacheKey?: string;
}

/** The fields a provider is known to take, and no others. */
export function bodyOf(provider: Provider, model: string, request: ModelRequest, tuning: Tuning): Body {
  const { temperature, maxTokens, reasoningEffort, serviceTier, promptCacheKey } = tuning;
  const both = {
    model,
    messages: request.messages.map(messageOf),
    stream: true as const,
    ...(request.tools.length > 0 && { tools: request.tools.map(toolOf), parallel_tool_calls: true }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_completion_tokens: maxTokens }),
    ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
  };
  if (provider === 'groq') return both;
  return {
    ...both,
    stream_options: { include_usage: true },
    store: false,
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(promptCacheKey !== undefined && { prompt_cache_key: promptCacheKey }),
  };
}

function messageOf(message: ModelMessage): OpenAI.ChatCompletionMessageParam {
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.callId, content: message.text };
  // An empty list is refused.
  if ('toolCalls' in message && message.toolCalls.length > 0)
    return { role: 'assistant', content: message.text || null, tool_calls: message.toolCalls.map(callOf) };
  return { role: message.role, content: message.text };
}

const callOf = ({ id, name, input }: ToolCall) => ({
  id,
  type: 'function' as const,
  function: { name, arguments: input },
});

const toolOf = ({ name, about, input }: ToolSpec) => ({
  type: 'function' as const,
  function: { name, description: about, parameters: input },
});

export type Finish = 'stop' | 'tools' | 'length' | 'content_filter';

export interface Completion {
  /** Takes a chunk; gives the text in it, which may be empty. */
  add(chunk: Chunk): string;
  /** Set once a finish reason was seen: a stream that ends without one was cut, however orderly. */
  finish(): Finish | undefined;
  calls(): ToolCall[];
  tokens(): number | undefined;
}

/** Puts the pieces of one streamed completion together. Tool calls interleave and are told apart by their index. */
export function createCompletion(): Completion {
  const calls = new Map<number, { id: string; name: string; input: string }>();
  let reason: string | undefined;
  let tokens: number | undefined;

  function addCall({ index, id, function: part }: OpenAI.ChatCompletionChunk.Choice.Delta.ToolCall): void {
    const call = calls.get(index) ?? { id: '', name: '', input: '' };
    calls.set(index, {
      id: id || call.id,
      name: part?.name || call.name,
      input: call.input + (part?.arguments ?? ''),
    });
  }

  return {
    add(chunk) {
      tokens = usageOf(chunk) ?? tokens;
      const choice = chunk.choices?.find(({ index }) => index === 0);
      reason = choice?.finish_reason ?? reason;
      for (const call of choice?.delta?.tool_calls ?? []) addCall(call);
      return choice?.delta?.content ?? choice?.delta?.refusal ?? '';
    },
    finish: () => finishOf(reason, calls.size > 0),
    calls: () => [...calls].sort(([a], [b]) => a - b).map(([, call]) => call),
    tokens: () => tokens,
  };
}

/** Something of the answer is in the chunk, though nothing to read: part of a tool call, or of Groq's thoughts, a field that the SDK's types do not know. */
export const isWork = ({ choices }: Chunk): boolean => {
  const delta = choices?.find(({ index }) => index === 0)?.delta as { tool_calls?: unknown[]; reasoning?: string };
  return Boolean(delta?.tool_calls?.length || delta?.reasoning);
};

function finishOf(reason: string | undefined, hasCalls: boolean): Finish | undefined {
  if (reason === undefined) return undefined;
  if (reason === 'length' || reason === 'content_filter') return reason;
  return hasCalls ? 'tools' : 'stop';
}

/** Groq's usage comes in a field of its own that the SDK's types do not know. */
function usageOf(chunk: Chunk): number | undefined {
  const { x_groq } = chunk as { x_groq?: { usage?: { total_tokens?: number } } };
  return (chunk.usage ?? x_groq?.usage)?.total_tokens;
}
