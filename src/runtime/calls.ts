import type { CallSummary, LogEntry } from './call-log.ts';
import type { EgressView } from './egress-view.ts';

/** What an operator may tell a call. */
export type CallCommand =
  /** The agent says this next, in its own voice; at most 500 characters. */
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'hang_up' }
  /** What was recorded so far is kept; the call is not recorded any more. */
  | { readonly type: 'stop_recording' }
  /** The caller is put through to somebody of this name in the agent's definition. */
  | { readonly type: 'transfer'; readonly to: string };

/** Who runs a call: a process of this instance, and the how-manieth owner of the call it is. */
export interface CallOwner {
  readonly pid: number;
  readonly epoch: number;
}

/** One call as the list has it. */
export interface ListedCall extends CallSummary {
  /** When this instance runs it now. */
  readonly owner?: CallOwner;
}

/** One call as its page shows it first; what comes later comes as log entries after `seq`. */
export interface CallView extends ListedCall {
  /** Whether this instance runs the call now. */
  readonly live: boolean;
  /** Active state of the call's machine, when live. */
  readonly value?: unknown;
  /** Of a call that is or was recorded: where that stands, and its files. */
  readonly recording?: EgressView;
}

/**
 * `unknown`: no such call; `ended`: over; `elsewhere`: not run by this instance; `untimely`: nothing is said while it rings or
 * says goodbye; `people`: there is nobody of this name, only these.
 */
export type CommandOutcome =
  | 'taken'
  | 'unknown'
  | 'ended'
  | 'elsewhere'
  | 'untimely'
  | { readonly people: readonly string[] };

/** The calls as the door sees them; the runtime implements it. */
export interface Calls {
  list(options: { readonly limit: number; readonly before?: number }): Promise<readonly ListedCall[]>;
  get(id: string): Promise<CallView | undefined>;
  /** Log entries after a number, first those that are there, then live ones; ends with the call or with `signal`. */
  entries(id: string, options: { readonly after: number; readonly signal: AbortSignal }): AsyncIterable<LogEntry>;
  command(id: string, command: CallCommand): Promise<CommandOutcome>;
}
