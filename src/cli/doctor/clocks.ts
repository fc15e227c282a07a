import { type Finding, toKnow, toMend, well } from './finding.ts';

/** A clock somewhere else: how far it is ahead of ours, in ms. */
export interface OtherClock {
  readonly name: string;
  readonly aheadMs: number;
}

/** HTTP tells whole seconds; closer than this is no difference. */
const knownToMs = 2000;
/** From here on it is said; LiveKit refuses tokens from 60 s on. */
const mostMs = 10_000;

/** Whether LiveKit's clock and ours agree; where they do not, the others tell which of the two is wrong. */
export function clockFinding({ aheadMs }: { readonly aheadMs: number }, others: readonly OtherClock[]): Finding {
  const apart = `${(Math.abs(aheadMs) / 1000).toFixed(0)} s`;
  if (Math.abs(aheadMs) <= knownToMs)
    return well('clock', 'agrees with LiveKit’s within 2 s', { aheadMs: Math.round(aheadMs) });
  const saw = `LiveKit’s clock is ${apart} ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine’s`;
  const witness = others.find((each) => isNear(each, 0) !== isNear(each, aheadMs));
  const mend = mendOf(witness && isNear(witness, 0));
  const whose = whoseOf(witness, aheadMs);
  if (Math.abs(aheadMs) < mostMs) return toKnow('clock', `${saw}; ${whose}`, mend);
  return toMend('clock', `${saw}: from 60 s on every token is refused; ${whose}`, mend);
}

const isNear = ({ aheadMs }: OtherClock, toMs: number): boolean => Math.abs(aheadMs - toMs) <= knownToMs;

function whoseOf(witness: OtherClock | undefined, aheadMs: number): string {
  if (witness === undefined) return 'which of the two is wrong nobody here can tell';
  return isNear(witness, aheadMs)
    ? `${witness.name} agrees with LiveKit: this machine’s is wrong`
    : `${witness.name} agrees with this machine: LiveKit’s is wrong`;
}

function mendOf(oursIsRight: boolean | undefined): string {
  if (oursIsRight === undefined) return 'timedatectl status   (on both machines)';
  return `sudo timedatectl set-ntp true   (on ${oursIsRight ? 'LiveKit’s' : 'this'} machine)`;
}
