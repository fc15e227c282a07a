import type { Figure } from './figure.ts';
import { measureListParticipants } from './measures/list-participants.ts';
import { measureSipApply } from './measures/sip-apply.ts';
import { measureTokens } from './measures/tokens.ts';

interface ControlBenchOptions {
  readonly tell: (line: string) => void;
  readonly trouble: (line: string) => void;
}

/** What tokens cost, LiveKit's API through our one client, and telephone lines from a file, over a real livekit-server on this machine. */
export async function benchControl(options: ControlBenchOptions): Promise<readonly Figure[]> {
  return [
    ...(await measureTokens(options)),
    ...(await measureListParticipants(options)),
    ...(await measureSipApply(options)),
  ];
}
