import type { RecoveryView } from '../../../src/runtime/recovery-view.ts';
import type { MachineNow, Timer } from './machine-now.ts';
import type { ChartIndex } from './plates.ts';

/** Recovery's machine as charts are lit: a delay is shown beside the state that waits for it. */
export function recoveryNow(
  index: ChartIndex,
  view: RecoveryView,
  before: RecoveryView | undefined,
  at: number,
): MachineNow {
  const timers = view.waitsFor.delays.flatMap(({ name, dueAt }): Timer[] => {
    const waits = index.chart.edges.find(({ from, label }) => label === `after ${name}` && view.active.includes(from));
    return waits ? [{ name, dueAt, state: waits.from, since: at }] : [];
  });
  const isAtomic = (id: string) => index.childrenOf(id).length === 0;
  return {
    at,
    value: view.value,
    active: view.active.filter(isAtomic),
    before: (before?.active ?? []).filter(isAtomic),
    by: '',
    timers,
  };
}
