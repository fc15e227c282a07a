import type { TargetView } from '../../../src/runtime/health/view.ts';
import type { Target } from '../../../src/targets.ts';

/** What people call it, and what it is for. */
export const targetNames: Readonly<Record<Target, readonly [name: string, purpose: string]>> = {
  'livekit-room': ['Rooms', 'where calls are'],
  'livekit-connect': ['Way in', 'whether clients are let in'],
  'livekit-sip': ['SIP', 'trunks and rules'],
  'livekit-egress': ['Egress', 'recordings and streams'],
  'livekit-ingress': ['Ingress', 'media that comes in'],
  'sip-gateway': ['SIP gateway', 'OPTIONS over UDP'],
  'sip-worker': ['SIP worker', 'its health port'],
  'egress-worker': ['Egress worker', 'its health port'],
  'ingress-worker': ['Ingress worker', 'its health port'],
  redis: ['Redis', 'what instances share'],
  deepgram: ['Deepgram', ''],
  openai: ['OpenAI', ''],
  groq: ['Groq', ''],
  cartesia: ['Cartesia', ''],
};

interface Group {
  readonly name: string;
  readonly targets: readonly TargetView[];
}

const groupOf = (target: Target): string => {
  if (target.startsWith('livekit')) return 'LiveKit';
  return /^(?:sip|egress|ingress|redis)/.test(target) ? 'Servers' : 'Speech and language';
};

const order = Object.keys(targetNames);

/** Those that there are, in groups. */
export const groupsOf = (targets: readonly TargetView[]): readonly Group[] =>
  [
    ...Map.groupBy(
      targets.toSorted((a, b) => order.indexOf(a.target) - order.indexOf(b.target)),
      ({ target }) => groupOf(target),
    ),
  ].map(([name, targets]) => ({ name, targets }));

/** Its name where there is no group around it. */
export function fullName(target: string): string {
  const name = targetNames[target as Target]?.[0];
  if (name === undefined) return target;
  return target.startsWith('livekit') ? `LiveKit ${name === 'SIP' ? name : name.toLowerCase()}` : name;
}

/** In one sentence. */
export function sentenceOf(targets: readonly TargetView[]): string {
  const known = targets.filter(({ absent }) => !absent);
  const ill = known.filter(({ status }) => status !== 'healthy' && status !== 'unknown');
  const open = known.filter(({ status }) => status === 'unknown');
  if (known.length === 0) return 'Nothing is looked at.';
  if (ill.length > 0)
    return `${listOf(ill.map(({ target }) => fullName(target)))} ${ill.length === 1 ? 'is' : 'are'} not well.`;
  if (open.length === known.length) return 'The first looks are under way.';
  return open.length > 0 ? 'What is known so far is well.' : 'Everything that calls need is well.';
}

/** `a`, `a and b`, `a, b and c`. */
const listOf = (names: readonly string[]): string => new Intl.ListFormat('en-GB').format(names);
