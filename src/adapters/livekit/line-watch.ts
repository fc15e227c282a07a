import type { Clock, TimerId } from '../../clock.ts';
import type { ConnectionQuality, Look } from '../../runtime/line-look.ts';
import { createTransportLooks } from './transport-looks.ts';
import type { RtcRoom } from './rtc.ts';

interface LineWatchOptions {
  readonly clock: Clock;
  /** The connected room, while there is one. */
  readonly room: () => RtcRoom | undefined;
  /** Level of what is sent, dBFS, -100 when silent. */
  readonly outboundDb: () => number;
  /** For how long nothing but zeros has come from the caller. */
  readonly deadAirMs: () => number;
  /** Told of each look; must not throw. */
  readonly look: (seen: Look) => void;
}

export interface LineWatch {
  /** LiveKit thinks otherwise of a connection from now on. */
  judged(side: 'agent' | 'caller', quality: ConnectionQuality): void;
  /** Ends it, and with it what is known of the connections. */
  close(): void;
}

const lookEveryMs = 1000;
/** Asking the native library for its figures costs more than the rest: each so many looks. */
const askEvery = 5;
const silenceDb = -100;

/** Looks at a line once a second, beside the call: how loud the agent is, what LiveKit thinks of both connections, and every 5 s how the packets do. */
export function watchLine({ clock, room, outboundDb, deadAirMs, look }: LineWatchOptions): LineWatch {
  const quality: { agent?: ConnectionQuality; caller?: ConnectionQuality } = {};
  const transport = createTransportLooks();
  let lastAt = clock.now();
  let looks = 0;
  let over = false;
  let timer: TimerId = clock.setTimeout(next, lookEveryMs);

  async function next(): Promise<void> {
    looks += 1;
    const packets = looks % askEvery === 0 ? await ask() : {};
    if (over) return;
    const now = clock.now();
    if (room()) look({ sinceMs: now - lastAt, quality: { ...quality }, ...packets, ...heard() });
    lastAt = now;
    timer = clock.setTimeout(next, lookEveryMs);
  }

  /** A room that is just left has no figures. */
  const ask = async () => {
    const stats = await room()
      ?.getRtcStats()
      .catch(() => undefined);
    return stats ? transport.read(stats) : {};
  };

  function heard(): Pick<Look, 'agentDb' | 'deadAirMs'> {
    const [agentDb, dead] = [outboundDb(), deadAirMs()];
    return { ...(agentDb > silenceDb && { agentDb }), ...(dead >= lookEveryMs && { deadAirMs: dead }) };
  }

  return {
    judged: (side, judgement) => void (quality[side] = judgement),
    close() {
      over = true;
      clock.clearTimeout(timer);
    },
  };
}
