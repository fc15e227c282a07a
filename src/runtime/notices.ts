import type { Failure } from '../failure.ts';
import type { Target } from '../targets.ts';
import type { LogDraft } from './call-log.ts';

/** What a call's log takes in, as it happens: metrics, traces, health and suspicion are folds of it, beside the voice path. */
export interface CallNotice {
  readonly call: { readonly callKey: string; readonly room: string; readonly epoch: number; readonly agent: string };
  readonly draft: LogDraft;
}

/** One attempt to use, or a probe of, something an instance depends on. */
export interface Sighting {
  readonly target: Target;
  /** `use`: of a call or an operator's request; `probe`: of the health watch. */
  readonly by: 'use' | 'probe';
  /** ms since 1970, when it was over. */
  readonly at: number;
  readonly tookMs: number;
  /** Name of the RPC or of the stage, of a closed set. */
  readonly operation: string;
  /** Of LiveKit's other host, while requests go there: it says nothing about the first one. */
  readonly elsewhere?: true;
  /** Left out when it went well. */
  readonly failure?: Failure;
}

/** The health of one target has changed, with hysteresis: one bad probe changes nothing. Recovery and alerts act on it. */
export interface StatusChange {
  readonly target: Target;
  readonly status: 'healthy' | 'degraded' | 'unhealthy';
  /** What it was before; `unknown` until it was first looked at. */
  readonly from?: 'unknown' | 'healthy' | 'degraded' | 'unhealthy';
  /** What was wrong last, of a target that is not healthy. Left out when it is only slow, or fails too often. */
  readonly failure?: Failure;
  /** It answers looks: calls alone tell that it is not well. */
  readonly inCalls?: true;
  /** ms since 1970. */
  readonly at: number;
}
