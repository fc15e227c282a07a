import type { HealthCheck } from '../../actors/check-health.ts';
import type { Probes } from '../../actors/probe.ts';
import type { Failure } from '../../failure.ts';

/** Looks by probes that are opened for the look. */
export const createHealthCheck = (
  initialized: () => Promise<Failure | undefined>,
  open: () => Promise<Probes>,
): HealthCheck => ({
  initialized,
  async probe(targets, { signal }) {
    const { probes, close } = await open();
    const asked = probes.filter(({ target }) => targets === 'all' || targets.includes(target));
    const seen = await Promise.all(asked.map(async ({ target, look }) => ({ target, ...(await look(signal)) })));
    await close();
    return seen.flatMap(({ target, failure }) => (failure ? [{ target, failure }] : []));
  },
});
