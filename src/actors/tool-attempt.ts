import { resultText, type Tool } from '../agent.ts';
import type { Clock } from '../clock.ts';
import type { ToolAttempt } from './tool-memory.ts';
import { failed, refused, type ToolResult, unclear } from './tool-result.ts';

/** What is meant to be done and has been stored. */
export interface Intentions {
  /** True when everything reported so far is stored; false when it will not be, and nothing irreversible may happen. */
  committed(): Promise<boolean>;
}

export interface AttemptOptions {
  readonly clock: Clock;
  readonly intentions: Intentions;
  readonly name: string;
  readonly key: string;
  readonly input: Record<string, unknown>;
  /** Aborts when nobody waits for the result any more. */
  readonly stopped: AbortSignal;
  /** Told when the attempt was broken off because of that, and may be made again. */
  readonly brokenOff: () => void;
}

/** Runs one tool within its time limit. Always settles, at the latest then; never rejects. */
export function attemptTool(tool: Tool, options: AttemptOptions): Promise<ToolAttempt> {
  const { clock, name, key, input, stopped, brokenOff } = options;
  const abort = new AbortController();
  let ran = false;
  const start = () => {
    ran = true;
    return tool.run(input, { signal: abort.signal, key });
  };
  return new Promise((resolve) => {
    const end = (result: ToolResult) => {
      clock.clearTimeout(timer);
      stopped.removeEventListener('abort', stop);
      resolve({ ran, result });
    };
    const expire = () => {
      end(tooLate(name, tool, ran));
      abort.abort();
    };
    const stop = () => {
      if (tool.effect === 'once') return;
      brokenOff();
      end(refused('failed', `${name} was cut off`));
      abort.abort();
    };
    const timer = clock.setTimeout(expire, tool.timeoutMs);
    stopped.addEventListener('abort', stop);
    void runIntended(tool, options, abort.signal, start).then(end);
  });
}

const tooLate = (name: string, { effect, timeoutMs }: Tool, ran: boolean): ToolResult =>
  refused('timeout', `${name} gave no result within ${timeoutMs} ms.${ran && effect === 'once' ? ` ${unclear}` : ''}`);

/** Waits for the intention where it must, then runs. Never rejects. */
async function runIntended(
  { effect }: Tool,
  { intentions, name, stopped }: AttemptOptions,
  expired: AbortSignal,
  start: () => unknown,
): Promise<ToolResult> {
  try {
    if (effect === 'once' && !(await intentions.committed()))
      return refused('failed', `${name} was not run: it could not be noted beforehand`);
    if (stopped.aborted || expired.aborted)
      return refused('failed', `${name} was not run: nobody waited for it any more`);
    return { ok: true, text: resultText(await start()) };
  } catch (error) {
    return failed(name, error);
  }
}
