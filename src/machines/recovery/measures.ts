import type { AvoidableVendor, LimitableOperation, Measure, Posture } from '../../posture.ts';
import type { Target } from '../../targets.ts';

/** What follows from all measures. Who writes the posture adds when, and which version. */
export type Stance = Omit<Posture, 'version' | 'since'>;

const avoidable: ReadonlySet<Target> = new Set(['deepgram', 'openai', 'groq', 'cartesia'] satisfies AvoidableVendor[]);

export const isAvoidable = (target: Target): target is AvoidableVendor => avoidable.has(target);

const telephoneOperations = ['outbound', 'transfers'] as const;

/** What cannot go on without a target; nothing where calls do without it. */
export const operationsOf: { readonly [Name in Target]?: readonly LimitableOperation[] } = {
  'livekit-sip': telephoneOperations,
  'sip-gateway': telephoneOperations,
  'sip-worker': telephoneOperations,
  'livekit-egress': ['recording', 'egress'],
  'egress-worker': ['recording', 'egress'],
  'livekit-ingress': ['ingress'],
  'ingress-worker': ['ingress'],
};

/** The other way round a target; nothing where there is none. */
export function detourOf(target: Target): Measure['kind'] | undefined {
  if (isAvoidable(target)) return 'avoided';
  if (target === 'livekit-room' || target === 'livekit-connect') return 'fallbackHost';
  return operationsOf[target] === telephoneOperations ? 'backupSip' : undefined;
}

const unique = <Item>(items: readonly Item[]): readonly Item[] => [...new Set(items)];

export function stanceOf(measures: readonly Measure[]): Stance {
  const of = (kind: Measure['kind']) => measures.filter((each) => each.kind === kind).map(({ target }) => target);
  const limited = unique(of('limited').flatMap((target) => operationsOf[target] ?? []));
  return {
    mode: of('failsafe').length > 0 ? 'failsafe' : of('limited').length > 0 ? 'degraded' : 'normal',
    livekitHost: of('fallbackHost').length > 0 ? 'fallback' : 'primary',
    sipSet: of('backupSip').length > 0 ? 'backup' : 'primary',
    avoid: unique([...of('avoided'), ...of('limited')].filter(isAvoidable)),
    limited,
    measures,
  };
}

export const measure = (kind: Measure['kind'], target: Target): Measure => ({ kind, target, isOver: false });
