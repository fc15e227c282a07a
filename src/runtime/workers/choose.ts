/** What is looked at where a worker is chosen for a call. */
export interface WorkerLoad {
  readonly calls: number;
  /** It runs, its event loop turns, and it is not worn. */
  readonly isOpen: boolean;
  /** It has a call that must be by itself. */
  readonly isAlone: boolean;
}

/** More of them fall behind on a busy machine. */
export const mostCallsEach = 15;

/**
 * Which worker takes the next call, by its place in the list: the one with the fewest. The last one that has none is kept free
 * for the calls of one that dies, as long as another has room. A call that must be `alone` gets one that has none; where there is none
 * it is not alone. Nothing when no worker has room.
 */
export function chooseWorker(
  workers: readonly WorkerLoad[],
  { alone }: { readonly alone: boolean },
): number | undefined {
  const open = workers
    .map((worker, index) => ({ ...worker, index }))
    .filter(({ isOpen, isAlone, calls }) => isOpen && !isAlone && calls < mostCallsEach)
    .toSorted((one, other) => one.calls - other.calls);
  const idle = open.filter(({ calls }) => calls === 0);
  if (alone || idle.length > 1) return open[0]?.index;
  return (open.find(({ calls }) => calls > 0) ?? open[0])?.index;
}
