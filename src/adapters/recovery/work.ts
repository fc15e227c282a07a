import type { Probes } from '../../actors/probe.ts';
import type { Work } from '../../actors/trouble.ts';
import type { Failure, FailureClass } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import { classifyErrno, errnoOf, failureOf } from '../classify.ts';

/** There is no way, for reasons of ours that repeating does not change. */
export const noWay = (target: Target, message: string, facts: { readonly class?: FailureClass } = {}): Failure =>
  failureOf('config', { vendor: target, phase: 'rest', message }, facts);

/** Work whose errors are failures too. */
export const bearing =
  (work: Work): Work =>
  async (trouble, options) => {
    try {
      return await work(trouble, options);
    } catch (error) {
      const known = (error as { readonly failure?: Failure } | undefined)?.failure;
      const message = error instanceof Error ? error.message : String(error);
      return known ?? classifyErrno({ vendor: trouble.target, phase: 'rest', message, errno: errnoOf(error) });
    }
  };

/** The first that fails ends it; what all did is one line. */
export const inTurn =
  (...works: readonly Work[]): Work =>
  async (trouble, options) => {
    const did: string[] = [];
    for (const work of works) {
      // oxlint-disable-next-line no-await-in-loop
      const result = await work(trouble, options);
      if (!('did' in result)) return result;
      did.push(result.did);
    }
    return { did: did.join('; ') };
  };

/**
 * Looks at the target by its probe, once. Probes are opened for the look: connections that they keep might be the very ones that
 * are stale. What is not configured, or not there by design, is well.
 */
export const lookingBy = (open: () => Promise<Probes>): Work =>
  bearing(async ({ target }, { signal }) => {
    const { probes, close } = await open();
    try {
      const probe = probes.find((each) => each.target === target);
      if (!probe) return { did: `${target} is not configured: nothing to look at` };
      const { tookMs, failure, absent } = await probe.look(signal);
      return (
        failure ?? {
          did: `${target} answers ${probe.operation}${absent ? `: ${absent}` : ''} in ${Math.round(tookMs)} ms`,
        }
      );
    } finally {
      await close();
    }
  });
