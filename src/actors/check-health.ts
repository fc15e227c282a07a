import type { Clock } from '../clock.ts';
import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';
import { leaf, type Stamped } from './leaf.ts';

export interface Failing {
  readonly target: Target;
  readonly failure: Failure;
}

export interface HealthCheck {
  /** Resolves when what the instance is made of is open: stores, vendors, line. Never rejects. */
  initialized(options: { readonly signal: AbortSignal }): Promise<Failure | undefined>;
  /**
   * Probes each once, side by side, by requests that start and cost nothing; of LiveKit and telephones always the primary.
   * Resolves with those that failed. One that is not configured does not fail. Never rejects.
   */
  probe(targets: readonly Target[] | 'all', options: { readonly signal: AbortSignal }): Promise<readonly Failing[]>;
}

type Initialized =
  | { readonly type: 'components.initialized' }
  | { readonly type: 'components.failed'; readonly failure: Failure };

type Checked = { readonly type: 'health.checked'; readonly failing: readonly Failing[] };

export type HealthFact = Stamped<Initialized | Checked>;

/** Reports once that all parts are open, or which one is not. */
export const initializeComponents = (health: HealthCheck, clock: Clock) =>
  leaf<Initialized, { type: 'none' }, undefined>(clock, ({ signal, report }) => {
    void health
      .initialized({ signal })
      .then((failure) => report(failure ? { type: 'components.failed', failure } : { type: 'components.initialized' }));
  });

/** Reports once which of the targets cannot be used. */
export const checkHealth = (health: HealthCheck, clock: Clock) =>
  leaf<Checked, { type: 'none' }, { readonly targets: readonly Target[] | 'all' }>(
    clock,
    ({ input, signal, report }) => {
      void health.probe(input.targets, { signal }).then((failing) => report({ type: 'health.checked', failing }));
    },
  );
