import { createMemoryEgresses } from '../../src/adapters/memory/egress-store.ts';
import type { Clock } from '../../src/clock.ts';
import { readStorages } from '../../src/egress.ts';
import { type Alone, onlyInstance } from '../../src/runtime/alone.ts';
import { type EgressBook, openEgressBook } from '../../src/runtime/egress-book.ts';
import type { EgressStore } from '../../src/runtime/egress-store.ts';
import type { Limits } from '../../src/runtime/limits.ts';
import { machineOfEgress } from '../../src/wiring/egresses.ts';
import { createFakeEgress, type FakeEgress } from './fakes/fake-egress.ts';
import { createVirtualClock, type VirtualClock } from './virtual-clock.ts';

export interface EgressBed<Time extends Clock = VirtualClock> {
  readonly clock: Time;
  readonly livekit: FakeEgress;
  readonly store: EgressStore;
  /** A process's book; opening another one on the same store is a restart. */
  open(calls?: readonly string[], alone?: Pick<Alone, 'leads'>): Promise<EgressBook>;
}

/** Books of egresses over a recorder in memory, on virtual time. */
export const createEgressBed = (store: EgressStore = createMemoryEgresses()): EgressBed =>
  egressBedOn(createVirtualClock(1_000_000), store);

/** The same on any clock. */
export function egressBedOn<Time extends Clock>(
  clock: Time,
  store: EgressStore,
  limits: Limits = () => undefined,
): EgressBed<Time> {
  const livekit = createFakeEgress(() => clock.now());
  const { egress } = livekit;
  let ids = 0;
  const open = (calls: readonly string[] = [], alone: Pick<Alone, 'leads'> = onlyInstance) =>
    openEgressBook(
      {
        egress,
        store,
        alone,
        storages: readStorages({}).storages,
        newId: () => `e${(ids += 1)}`,
        limits,
        clock,
        machineOf: machineOfEgress(egress, clock),
      },
      async () => new Set(calls),
    );
  return { clock, livekit, store, open };
}
