import { apiLatencyMs, type Figures } from './alert-limits.ts';
import type { Sighting } from './notices.ts';

/** Shares from 0 to 1, since the reading before. */
export interface UsageMeter {
  read(): { readonly cpu: number; readonly memory: number };
}

interface Slice {
  requests: number;
  timed: number;
  slow: number;
  tookMs: number;
  failed: number;
  overloaded: number;
}

const fresh = (): Slice => ({ requests: 0, timed: 0, slow: 0, tookMs: 0, failed: 0, overloaded: 0 });
const slices = 4;
const sliceMs = 15_000;

/** A telephone rings, and a recorder starts: how long that takes says nothing about the API. */
const longByNature = /^(?:CreateSIPParticipant|TransferSIPParticipant|Start\w+Egress)$/;

/** Whoever asked was at fault, or a telephone said no. */
const isTheirs = ({ failure }: Sighting): boolean => failure?.class === 'sip' || failure?.sub === 'config';

/** Counts what uses of LiveKit's API came to in the last minute; a reading begins a new quarter of it. */
export function createFigures(usage: UsageMeter) {
  let counted: readonly Slice[] = [fresh()];
  return {
    see(sighting: Sighting): void {
      const { target, by, tookMs, operation, failure } = sighting;
      if (by !== 'use' || !target.startsWith('livekit-')) return;
      const now = counted.at(-1)!;
      now.requests += 1;
      if (!longByNature.test(operation)) time(now, tookMs);
      if (failure && !isTheirs(sighting)) now.failed += 1;
      if (failure?.sub === 'rate' || failure?.sub === 'stall') now.overloaded += 1;
    },
    read(): Figures {
      const sum = (name: keyof Slice) => counted.reduce((total, slice) => total + slice[name], 0);
      const figures = {
        requests: sum('requests'),
        timed: sum('timed'),
        slow: sum('slow'),
        meanMs: Math.round(sum('tookMs') / Math.max(1, sum('timed'))),
        failed: sum('failed'),
        overloaded: sum('overloaded'),
        windowMs: counted.length * sliceMs,
        ...usage.read(),
      };
      counted = [...counted, fresh()].slice(-slices);
      return figures;
    },
  };
}

function time(slice: Slice, tookMs: number): void {
  slice.timed += 1;
  slice.tookMs += tookMs;
  if (tookMs > apiLatencyMs) slice.slow += 1;
}
