import type { Clock } from '../../clock.ts';
import type { Posture } from '../../posture.ts';
import type { PostureStore } from '../../runtime/posture-store.ts';
import type { Target } from '../../targets.ts';

/** The posture of one process, which forgets it when it ends. `open` gives each that wants to lead its own. */
export function createMemoryPostures(clock: Pick<Clock, 'now'>): { open(): PostureStore } {
  const watchers = new Set<(posture: Posture) => void>();
  const waiting = new Map<object, { readonly targets: readonly Target[]; readonly untilMs: number }>();
  let leader: { readonly by: object; readonly fence: number; readonly untilMs: number } | undefined;
  let fences = 0;
  let last: Posture | undefined;
  let acknowledgedAt: number | undefined;
  const leads = (by: object) => leader?.by === by && leader.untilMs > clock.now();

  return {
    open() {
      const by = {};
      return {
        async lead(forMs) {
          if (leader && leader.by !== by && leader.untilMs > clock.now()) return undefined;
          leader = { by, fence: leads(by) ? leader!.fence : (fences += 1), untilMs: clock.now() + forMs };
          return leader.fence;
        },
        read: async () => last,
        async write(posture, fence) {
          if (!leads(by) || leader?.fence !== fence) return 'fenced';
          last = posture;
          for (const heard of watchers) heard(posture);
          return 'written';
        },
        watch(heard) {
          const own = (posture: Posture) => heard(posture);
          watchers.add(own);
          return () => void watchers.delete(own);
        },
        async waiting(targets, forMs) {
          waiting.set(by, { targets, untilMs: clock.now() + forMs });
          const others = [...waiting].filter(([who, { untilMs }]) => who !== by && untilMs > clock.now());
          return [...new Set(others.flatMap(([, each]) => each.targets))];
        },
        async acknowledge(at) {
          acknowledgedAt = at;
        },
        acknowledged: async () => acknowledgedAt,
        async close() {
          waiting.delete(by);
          if (leads(by)) leader = undefined;
        },
      };
    },
  };
}
