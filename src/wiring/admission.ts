import { availableParallelism } from 'node:os';
import { cpuUsage } from 'node:process';
import type { Clock } from '../clock.ts';
import { type Admission, createAdmission } from '../runtime/admission.ts';
import type { CallStore } from '../runtime/call-store.ts';
import { type CpuShare, createCpuShare } from '../runtime/cpu-share.ts';
import { isIn } from '../runtime/metrics/per-call.ts';
import type { Care } from './care.ts';
import type { InstanceOptions } from './instance.ts';
import type { Runner } from './runner.ts';

/** Claims above what is run: those callers are told that we are busy instead of ringing. */
export const claimsToRefuse = 10;

export interface AdmissionParts {
  readonly store: CallStore;
  readonly care: Care;
  readonly cpu: CpuShare;
  /** Calls that may run at once. */
  readonly capacity: number;
  readonly run: Runner['run'];
}

/** What the instance uses of the processors that it may use. */
export const openCpuShare = (clock: Clock): CpuShare => createCpuShare({ clock, cores: availableParallelism(), ownMs });

function ownMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Stands between the queue and those who run calls. */
export function openAdmission(
  { config, lines: { participants }, clock, log }: InstanceOptions,
  { store, care, cpu, capacity, run }: AdmissionParts,
): Admission {
  const options = {
    store,
    participants,
    limits: { ...config.callLimits, calls: Math.min(capacity, config.callLimits.calls ?? capacity) },
    cpu: cpu.read,
    clock,
    refused: (callKey: string, why: string) =>
      log.warn({ code: 'caller.no_place', callKey, why }, 'a caller hears that we are busy'),
    notPutOut: (room: string, failure: unknown) =>
      log.warn({ code: 'caller.not_put_out', room, failure }, 'a caller could not be put out of the room yet'),
  };
  const admission = createAdmission(options, run);
  care.notices.listen(({ call, draft }) => {
    if (draft.kind === 'state' && isIn(draft.data['active'], 'attached.joined')) admission.joined(call.callKey);
  });
  return admission;
}
