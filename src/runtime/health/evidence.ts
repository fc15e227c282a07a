import type { Failure } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import type { Sighting } from '../notices.ts';

/** What a sighting says about its target. `poor`: it serves, not everybody or not everything. `none`: nothing. */
export type Evidence = 'good' | 'poor' | 'bad' | 'none';

export function evidenceOf({ target, by, failure }: Sighting): Evidence {
  if (failure === undefined) return 'good';
  if (by === 'use' && isOthers(target, failure)) return 'none';
  return failure.sub === 'rate' || failure.sub === 'config' || isNobodyBehind(failure) ? 'poor' : 'bad';
}

/** The target did what it could: what was asked of it was not there, somebody else said no, or we had stopped. */
function isOthers(target: Target, failure: Failure): boolean {
  const { vendor, class: kind, sub, vendorCode } = failure;
  if (sub === 'starved' || vendorCode === 'content_filter') return true;
  if (vendor !== 'livekit') return false;
  // Of a room, LiveKit says so too when a participant is not there.
  return kind === 'sip' || sub === 'config' || (target === 'livekit-room' && isNobodyBehind(failure));
}

/** LiveKit is up, and no recorder or gateway is behind it. */
const isNobodyBehind = ({ vendor, vendorCode }: Failure): boolean =>
  vendor === 'livekit' && vendorCode === 'unavailable';
