import type { Repair, SweepMemory } from '../../actors/reconcile.ts';

/** What could not be done is due in the next look: ever more seldom is only what was done and changed nothing. */
export const dueAgain = (memory: SweepMemory, undone: readonly Repair[]): SweepMemory =>
  undone.reduce(seenOnce, memory);

function seenOnce(memory: SweepMemory, repair: Repair): SweepMemory {
  if (repair.kind === 'join') return { ...memory, uncalled: { ...memory.uncalled, [repair.caller.sid]: 1 } };
  const { kind, callKey } = repair;
  if (kind === 'unserved') return { ...memory, unserved: { ...memory.unserved, [callKey]: 1 } };
  const absence = memory.absent[callKey];
  return absence ? { ...memory, absent: { ...memory.absent, [callKey]: { ...absence, told: false } } } : memory;
}
