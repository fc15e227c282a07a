import type { Diagnostics } from '../../actors/diagnose.ts';
import type { Trouble, Work } from '../../actors/trouble.ts';
import type { Target } from '../../targets.ts';
import { inTurn } from './work.ts';

export interface DiagnosticsOptions {
  /** Writes down what is known of a trouble. */
  readonly note: (trouble: Trouble) => void;
  /** Told what an automatic fix did. */
  readonly fixed: (target: Target, did: string) => void;
  readonly renew: Work;
  readonly look: Work;
  /** Makes what `sip.yaml` has and LiveKit lacks; left out where no file is set. */
  readonly applyLines?: Work | undefined;
}

const ofTelephones: readonly Target[] = ['livekit-sip', 'sip-gateway', 'sip-worker'];

export function createDiagnostics({ note, fixed, renew, look, applyLines }: DiagnosticsOptions): Diagnostics {
  const fixFor = (target: Target): Work =>
    applyLines && ofTelephones.includes(target) ? inTurn(renew, applyLines) : renew;
  return {
    logDetails: async (trouble) => {
      note(trouble);
      return { did: 'what is known is in the log' };
    },
    async autoFix(trouble, options) {
      const fix = await fixFor(trouble.target)(trouble, options);
      if (!('did' in fix)) return fix;
      fixed(trouble.target, fix.did);
      const seen = await look(trouble, options);
      return 'did' in seen ? { did: `${fix.did}; ${seen.did}` } : seen;
    },
  };
}
