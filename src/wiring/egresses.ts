import { randomBytes } from 'node:crypto';
import { type Egress, type EgressBrief, findEgress, startEgress, stopEgress } from '../actors/egress.ts';
import type { Clock } from '../clock.ts';
import type { Alone } from '../runtime/alone.ts';
import { createEgress } from '../machines/egress/egress.machine.ts';
import type { CallStore } from '../runtime/call-store.ts';
import { type EgressBook, openEgressBook } from '../runtime/egress-book.ts';
import type { EgressStore } from '../runtime/egress-store.ts';
import { createLimits } from '../runtime/limits.ts';
import type { InstanceOptions } from './instance.ts';

const newId = (): string => randomBytes(12).toString('base64url');

/** Plugs the parts of one egress into its machine. */
export const machineOfEgress = (egress: Egress, clock: Clock) => (brief: EgressBrief) =>
  createEgress({
    startEgress: startEgress(egress, brief, clock),
    findEgress: findEgress(egress, brief, clock),
    stopEgress: stopEgress(egress, clock),
  });

interface EgressParts {
  readonly store: EgressStore;
  readonly calls: Pick<CallStore, 'list'>;
  readonly alone: Alone;
}

/** The egresses of this instance; those of an earlier process are taken up, the recordings among them when their calls are. */
export function egressBook(
  {
    lines: { egress },
    secrets: { storages },
    posture,
    clock,
    log,
  }: Pick<InstanceOptions, 'lines' | 'secrets' | 'posture' | 'clock' | 'log'>,
  { store, calls, alone }: EgressParts,
): Promise<EgressBook> {
  return openEgressBook(
    {
      egress,
      store,
      alone,
      storages,
      newId,
      limits: createLimits(posture, clock),
      clock,
      machineOf: machineOfEgress(egress, clock),
      troubled: ({ id, egressId, call: callKey, state, why }) =>
        log.warn(
          { code: 'egress.failed', id, egressId, callKey, state, why },
          'a recording or stream out came to a bad end',
        ),
    },
    async () => new Set((await calls.list()).map(({ callKey }) => callKey)),
  );
}
