import type { Diagnostics } from '../../actors/diagnose.ts';
import type { Trouble, Work } from '../../actors/trouble.ts';
import type { Target } from '../../targets.ts';
import { bearing, inTurn } from './work.ts';

export interface DiagnosticsOptions {
  /** Writes down what is known of a trouble. */
  readonly note: (trouble: Trouble) => void;
  /** Told what an automatic fix did. */
  readonly fixed: (target: Target, did: string) => void;
  /** Told of what could not be fixed: a person is waited for from then on. */
  readonly unfixed: (trouble: Trouble) => void;
  readonly renew: Work;
  readonly look: Work;
  /** Makes what `sip.yaml` has and LiveKit lacks; left out where no file is set. */
  readonly applyLines?: Work | undefined;
}

const ofTelephones: readonly Target[] = ['livekit-sip', 'sip-gateway', 'sip-worker'];

export function createDiagnostics(options: DiagnosticsOptions): Diagnostics {
  const { note, fixed, unfixed, renew, look, applyLines } = options;
  const fixFor = (target: Target): Work =>
    applyLines && ofTelephones.includes(target) ? inTurn(renew, applyLines) : renew;
  const tryFix: Work = async (trouble, given) => {
    const fix = await fixFor(trouble.target)(trouble, given);
    if (!('did' in fix)) return fix;
    fixed(trouble.target, fix.did);
    const seen = await look(trouble, given);
    return 'did' in seen ? { did: `${fix.did}; ${seen.did}` } : seen;
  };
  return {
    logDetails: bearing(async (trouble) => {
      note(trouble);
      return { did: 'what is known is in the log' };
    }),
    autoFix: bearing(async (trouble, given) => {
      const result = await tryFix(trouble, given);
      if (!('did' in result) && !given.signal.aborted) unfixed(trouble);
      return result;
    }),
  };
}
