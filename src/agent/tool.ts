import type { z } from 'zod';

/**
 * What running a tool leaves behind. `none`: nothing. `idempotent`: the same key twice is the same as once.
 * `once`: must not happen twice; it waits until its start is stored, and is never repeated after a restore.
 */
export type ToolEffect = 'none' | 'idempotent' | 'once';

export interface ToolContext {
  /** Aborts when the time limit has passed; of effect `none` and `idempotent` also when the caller no longer waits. */
  readonly signal: AbortSignal;
  /** Names this wish of the caller for good: give it to the other side as its idempotency key. */
  readonly key: string;
}

export interface ToolOptions<Schema extends z.ZodObject> {
  /** For the model: what the tool does and when to use it. */
  readonly about: string;
  readonly input: Schema;
  /** Default 10,000; at most 25,000. */
  readonly timeoutMs?: number;
  /** Default `once`. */
  readonly effect?: ToolEffect;
  /** Said when the tool takes its time, instead of the agent's filler. */
  readonly meanwhile?: string;
  /**
   * The value (text, or anything JSON can hold) goes to the model. What the model should know of a failure is thrown as
   * `toolError`; of any other error it learns only that the tool has failed.
   */
  run(input: z.output<Schema>, context: ToolContext): unknown;
}

/** A tool as it is run: every option set. */
export interface Tool extends Required<Omit<ToolOptions<z.ZodObject>, 'meanwhile'>> {
  readonly meanwhile?: string;
}

export const defaultTimeoutMs = 10_000;

/** Defines a tool. Nothing is checked here: `agent()` tells all problems of all tools at once. */
export const tool = <Schema extends z.ZodObject>(options: ToolOptions<Schema>): Tool => ({
  timeoutMs: defaultTimeoutMs,
  effect: 'once',
  ...options,
});

/** An error that is told to the model word for word: `throw toolError('No room is free that night.')`. */
export function toolError(message: string): Error {
  const error = new Error(message);
  error.name = 'ToolError';
  return error;
}
