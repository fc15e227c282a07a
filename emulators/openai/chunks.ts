import type { Provider } from './request.ts';
import type { Answer } from './script.ts';

/** One server-sent event, and whether the model needs time for it (a token) or it comes along with the last one. */
export interface Piece {
  readonly data: Record<string, unknown>;
  readonly token: boolean;
}

export interface ChunkOptions {
  readonly provider: Provider;
  readonly model: string;
  readonly id: string;
  /** In a chunk of its own, as OpenAI's clients ask for it. */
  readonly usage: boolean;
  /** In the last chunk, as Groq tells it unasked. */
  readonly groqUsage: boolean;
  readonly promptWords: number;
}

type Delta = Record<string, unknown>;

/** An answer as the vendor streams it: words as tokens, tool calls in pieces, of several calls in turns. */
export function piecesOf(answer: Answer, options: ChunkOptions): Piece[] {
  const texts = (answer.text ?? '').match(/\s*\S+\s*$|\s*\S+/g) ?? [];
  const tools = toolDeltas(answer);
  const deltas: Delta[] = [...texts.map((content) => ({ content })), ...tools];
  const finish = answer.finish ?? (tools.length > 0 ? 'tool_calls' : 'stop');
  const chunk = (choices: unknown[], more: Delta = {}) => ({ ...head(options), choices, ...more });
  const choice = (delta: Delta, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ];
  const usage = usageOf(options.promptWords, deltas.length);
  const groq = options.provider === 'groq';
  return [
    {
      data: chunk(
        choice({ role: 'assistant', content: '', refusal: null }),
        groq ? { x_groq: { id: options.id } } : {},
      ),
      token: false,
    },
    ...deltas.map((delta) => ({ data: chunk(choice(delta)), token: true })),
    {
      data: chunk(choice({}, finish), groq ? { x_groq: { id: options.id, ...(options.groqUsage && { usage }) } } : {}),
      token: false,
    },
    ...(options.usage && !groq ? [{ data: chunk([], { usage }), token: false }] : []),
  ];
}

const head = ({ id, model }: ChunkOptions) => ({
  id,
  object: 'chat.completion.chunk',
  created: 1_700_000_000,
  model,
  service_tier: 'default',
  system_fingerprint: 'fp_emulated',
});

function toolDeltas(answer: Answer): Delta[] {
  const calls = (answer.tools ?? []).map(({ name, input }, index) => {
    const text = typeof input === 'string' ? input : JSON.stringify(input ?? {});
    const first = { index, id: `call_${randomId()}`, type: 'function', function: { name, arguments: '' } };
    return [first, ...thirds(text).map((part) => ({ index, function: { arguments: part } }))];
  });
  const longest = Math.max(0, ...calls.map((call) => call.length));
  return Array.from({ length: longest }, (_, i) => calls.flatMap((call) => (call[i] ? [call[i]] : [])))
    .flat()
    .map((call) => ({ tool_calls: [call] }));
}

const thirds = (text: string): string[] => {
  const size = Math.max(1, Math.ceil(text.length / 3));
  return [text.slice(0, size), text.slice(size, 2 * size), text.slice(2 * size)].filter(Boolean);
};

const usageOf = (prompt: number, completion: number) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0 },
});

/** Ids are opaque to clients; they only must not repeat. */
export const randomId = (): string => crypto.randomUUID().replaceAll('-', '').slice(0, 24);
