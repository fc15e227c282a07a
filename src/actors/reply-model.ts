import type { Failure } from '../failure.ts';

export type ModelMessage =
  | { readonly role: 'system' | 'user' | 'assistant'; readonly text: string }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly callId: string; readonly text: string };

export interface ToolCall {
  /** The vendor's id of the call, echoed in the result's message. */
  readonly id: string;
  readonly name: string;
  /** JSON text exactly as the model wrote it; may be invalid. */
  readonly input: string;
}

export interface ToolSpec {
  readonly name: string;
  readonly about: string;
  /** JSON Schema of the input. */
  readonly input: Record<string, unknown>;
}

export interface ModelRequest {
  readonly messages: readonly ModelMessage[];
  readonly tools: readonly ToolSpec[];
}

export type ModelFact =
  /** A piece of text, as it came. */
  | { readonly type: 'model.text'; readonly text: string }
  /** A piece of a tool call came, or of a thought that is not told: nothing to read yet. */
  | { readonly type: 'model.progressed' }
  /** The model wants these tools run; comes at most once, right before `model.finished`. */
  | { readonly type: 'model.tools'; readonly calls: readonly ToolCall[] }
  /** Complete: a finish reason was seen. Last fact. `length` means cut by the model's own limit. */
  | { readonly type: 'model.finished'; readonly reason: 'stop' | 'tools' | 'length'; readonly tokens?: number }
  /** Refused, broken, truncated without a finish reason, or unreadable. Last fact. */
  | { readonly type: 'model.failed'; readonly failure: Failure };

export interface ReplyModel {
  readonly name: string;
  /** Streams one completion. Never throws or rejects; after `signal` aborts nothing is reported. No retry, no time-out of its own. */
  stream(request: ModelRequest, options: { readonly signal: AbortSignal }, report: (fact: ModelFact) => void): void;
}
