import type { Clock } from '../clock.ts';
import type { Posture } from '../posture.ts';
import type { CallHost } from '../runtime/call-host.ts';
import type { PostureBoard } from '../runtime/posture-board.ts';

/** Tells a call which vendors the instance wants asked last, from its opening to its end. */
export function tellAvoided(
  posture: PostureBoard,
  host: Pick<CallHost, 'send' | 'context' | 'ended'>,
  clock: Clock,
): void {
  const tell = ({ avoid }: Posture): void => {
    if (avoid.join() === host.context().avoided.join()) return;
    host.send({ type: 'call.avoid', vendors: avoid, at: clock.now() });
  };
  tell(posture.now());
  void host.ended.finally(posture.watch(tell));
}
