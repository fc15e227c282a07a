import type { ToolResult } from './tool-result.ts';

/** `ran` is false when the tool was not begun after all: then nothing stands in the way of another try. */
export interface ToolAttempt {
  readonly ran: boolean;
  readonly result: ToolResult;
}

/** Keys remembered for one phone call; at the bound new ones are refused, since forgetting one would let it run twice. */
const mostKeys = 1_000;

/** What has been run in one phone call, so that no key runs twice. */
export function createToolMemory() {
  const attempts = new Map<string, Promise<ToolAttempt>>();
  const notRun = new Map<string, ToolAttempt>();

  /** A tool that was not begun after all makes room for another try; by then another may have taken its place. */
  function settle(key: string, running: Promise<ToolAttempt>, attempt: ToolAttempt): void {
    if (attempt.ran || attempts.get(key) !== running) return;
    attempts.delete(key);
    notRun.set(key, attempt);
  }

  return {
    /** A result from before this process; what is known already stays. */
    learn(key: string, result: ToolResult): void {
      if (!attempts.has(key)) attempts.set(key, Promise.resolve({ ran: true, result }));
    },
    /** The attempt under this key, finished or not, also one that never began. */
    recall: (key: string): Promise<ToolAttempt> | undefined => attempts.get(key) ?? resolved(notRun.get(key)),
    /** The attempt under this key, begun now if there is none; `undefined` when no more can be remembered. `begin` must not reject. */
    once(key: string, begin: () => Promise<ToolAttempt>): Promise<ToolAttempt> | undefined {
      const before = attempts.get(key);
      if (before || attempts.size >= mostKeys) return before;
      const running: Promise<ToolAttempt> = begin().then((attempt) => {
        settle(key, running, attempt);
        return attempt;
      });
      attempts.set(key, running);
      return running;
    },
    /** The attempt was broken off and left nothing behind. */
    forget: (key: string): void => void attempts.delete(key),
  };
}

export type ToolMemory = ReturnType<typeof createToolMemory>;

const resolved = (attempt: ToolAttempt | undefined) => attempt && Promise.resolve(attempt);
