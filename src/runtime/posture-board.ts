import { calmPosture, type Posture } from '../posture.ts';
import { createHub } from './hub.ts';

/** The posture as this instance knows it: calls read it when they open something. */
export interface PostureBoard {
  now(): Posture;
  /** Told of each newer posture. Returns the end of it. */
  watch(changed: (posture: Posture) => void): () => void;
  /** Takes what recovery decided, or what another instance told; an older one than it has is left alone. */
  take(posture: Posture): void;
  /** Takes what stands where it is kept, with an older number too: a store that was emptied counts from the beginning. */
  adopt(posture: Posture): void;
}

export function createPostureBoard(threw: (error: unknown) => void): PostureBoard {
  const hub = createHub<Posture>(threw);
  let posture = calmPosture;
  const become = (next: Posture): void => {
    posture = next;
    hub.tell(next);
  };
  return {
    now: () => posture,
    watch: hub.listen,
    take(next) {
      if (next.version > posture.version) become(next);
    },
    adopt(next) {
      if (JSON.stringify(next) !== JSON.stringify(posture)) become(next);
    },
  };
}
