import type { Config } from '../config.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';

/** Where LiveKit is. */
export interface Hosts {
  /** URL that new calls and requests go to, as the posture has it. */
  now(): string;
  /** All there are, that one first. */
  all(): readonly [string, ...string[]];
  /** For a call that began at `pinned`: it stays there as long as the settings still name that host. */
  of(pinned: string): string;
}

export function createHosts(
  { livekitUrl, livekitFallbackUrl }: Pick<Config, 'livekitUrl' | 'livekitFallbackUrl'>,
  posture: Pick<PostureBoard, 'now'>,
): Hosts {
  const all = (): readonly [string, ...string[]] => {
    if (livekitFallbackUrl === undefined) return [livekitUrl];
    const isAway = posture.now().livekitHost === 'fallback';
    return isAway ? [livekitFallbackUrl, livekitUrl] : [livekitUrl, livekitFallbackUrl];
  };
  return {
    now: () => all()[0],
    all,
    of: (pinned) => (all().includes(pinned) ? pinned : all()[0]),
  };
}
