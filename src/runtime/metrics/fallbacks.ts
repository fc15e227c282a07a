import type { CallNotice } from '../notices.ts';
import { counter } from './definition.ts';
import type { Metrics } from './metrics.ts';
import { isIn, perCall } from './per-call.ts';
import { vendors } from './vendors.ts';

const part = ['stt', 'model', 'voice'] as const;

export const fallbackMetrics = {
  voicechart_fallbacks_total: counter(
    'Times that a call went over from one vendor to another, to stored phrases, or to nothing',
    { part, to: [...vendors, 'clips', 'nothing'] },
  ),
};

interface Asked {
  readonly vendorOf: Map<string, string>;
  clips: boolean;
  deaf: boolean;
}

/** What calls fell back to. The first vendor that a call asks is none. */
export function foldFallbacks(metrics: Metrics): (notice: CallNotice) => void {
  const calls = perCall<Asked>(() => ({ vendorOf: new Map(), clips: false, deaf: false }));
  const fell = (part: string, to: string) => metrics.add('voicechart_fallbacks_total', { part, to });

  function asked({ vendorOf }: Asked, type: string, vendor: string): void {
    const [part = ''] = type.split('.');
    const before = vendorOf.get(part);
    vendorOf.set(part, vendor);
    if (before !== undefined && before !== vendor) fell(part, vendor);
  }

  function entered(call: Asked, machine: string, active: unknown): void {
    if (machine === 'reply') {
      const clips = isIn(active, 'voice.clips');
      if (clips && !call.clips) fell('voice', 'clips');
      call.clips = clips;
    } else if (machine === 'call') {
      const deaf = isIn(active, 'hearing.attached.deaf');
      if (deaf && !call.deaf) fell('stt', 'nothing');
      call.deaf = deaf;
    }
  }

  return ({ call: { callKey }, draft }) => {
    if (draft.kind === 'event' && draft.data.type.endsWith('.requested') && typeof draft.data['vendor'] === 'string')
      asked(calls.of(callKey), draft.data.type, draft.data['vendor']);
    if (draft.kind === 'state') entered(calls.of(callKey), draft.data.machine, draft.data['active']);
    if (draft.kind === 'call' && draft.data.what === 'ended') calls.forget(callKey);
  };
}
