import type { Probe } from '../../actors/probe.ts';
import type { Failure } from '../../failure.ts';

/** A probe that, where all is well, has something more looked at. */
export const also = (probe: Probe, more: (signal: AbortSignal) => Promise<Failure | undefined>): Probe => ({
  ...probe,
  async look(signal) {
    const glance = await probe.look(signal);
    if (glance.failure || glance.absent !== undefined || signal.aborted) return glance;
    const failure = await more(signal);
    return failure ? { ...glance, failure } : glance;
  },
});
