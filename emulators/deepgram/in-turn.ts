/** Work in the order it was given, each piece no earlier than its delay after the one before it; without delay, at once. */
export interface InTurn {
  add(delayMs: number, run: () => void): void;
  end(): void;
}

/** One timer at a time: two of Node's timers of different length may fire in the wrong order when they are late. */
export function createInTurn(): InTurn {
  const queue: { readonly dueAt: number; readonly run: () => void }[] = [];
  let lastDueAt = 0;
  let timer: NodeJS.Timeout | undefined;

  function add(delayMs: number, run: () => void): void {
    const now = performance.now();
    lastDueAt = Math.max(now, lastDueAt) + delayMs;
    if (queue.length === 0 && lastDueAt - now < 1) return run();
    queue.push({ dueAt: lastDueAt, run });
    timer ??= setTimeout(runDue, lastDueAt - now);
  }

  function runDue(): void {
    const now = performance.now();
    while (queue[0] && queue[0].dueAt <= now + 1) queue.shift()!.run();
    timer = queue[0] && setTimeout(runDue, queue[0].dueAt - now);
  }

  return {
    add,
    end() {
      clearTimeout(timer);
      queue.length = 0;
    },
  };
}
