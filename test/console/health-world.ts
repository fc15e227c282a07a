import { systemClock } from '../../src/clock.ts';
import type { Failure } from '../../src/failure.ts';
import { alertRoutes } from '../../src/http/alerts.ts';
import { healthViewRoutes } from '../../src/http/health-view.ts';
import { recoveryRoutes } from '../../src/http/recovery.ts';
import type { Route } from '../../src/http/route.ts';
import { securityRoutes } from '../../src/http/security.ts';
import { calmPosture } from '../../src/posture.ts';
import type { Incident } from '../../src/runtime/alert-book.ts';
import { createBell } from '../../src/runtime/bell.ts';
import { seen, type TargetHealth, unknownHealth } from '../../src/runtime/health/target-health.ts';
import { healthView } from '../../src/runtime/health/view.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { Sighting } from '../../src/runtime/notices.ts';
import type { RecoveryView } from '../../src/runtime/recovery-view.ts';
import type { Block } from '../../src/runtime/security/blocks.ts';
import type { Target } from '../../src/targets.ts';

const failed = (vendor: string, message: string): Failure => ({
  vendor,
  phase: 'connect',
  class: 'network',
  retryable: true,
  message,
});

export type HealthWorld = ReturnType<typeof openHealthWorld>;

const calm: RecoveryView = {
  seq: 1,
  value: { course: { running: 'monitoring' }, standing: 'normal' },
  active: ['recovery', 'recovery.course', 'recovery.course.running', 'recovery.course.running.monitoring'],
  posture: calmPosture,
  leads: true,
  attempts: 0,
  queue: [],
  incidents: [],
  elsewhere: [],
  statuses: {},
  waitsFor: { work: [], delays: [], acknowledgement: [], health: [] },
  journal: [],
};

/** Health, recovery, alerts and blocks as a test says they are, behind the routes of the real door. */
export function openHealthWorld() {
  const changes = createHub<'health' | 'recovery'>(() => undefined);
  const healths = new Map<Target, TargetHealth>();
  const told: string[] = [];
  let recovery = calm;
  let alerts: readonly Incident[] = [];
  let blocks: readonly Block[] = [];
  let answer: 'taken' | 'busy' = 'taken';

  const see = (target: Target, sighting: Partial<Sighting> = {}): void => {
    const at = sighting.at ?? Date.now();
    const before = healths.get(target) ?? unknownHealth(target, at);
    const given = { target, by: 'probe', at, tookMs: 4, operation: 'GetParticipant', ...sighting } as const;
    healths.set(target, seen(before, given));
    changes.tell('health');
  };
  const health = {
    view: () => healthView([...healths.values()], Date.now()),
    watch: (changed: () => void) => changes.listen((what) => void (what === 'health' && changed())),
  };
  async function* views(signal: AbortSignal): AsyncGenerator<RecoveryView> {
    const bell = createBell(signal);
    const stop = changes.listen((what) => void (what === 'recovery' && bell.ring()));
    while (!signal.aborted) {
      bell.reset();
      yield recovery;
      // oxlint-disable-next-line no-await-in-loop
      await bell.rung();
    }
    stop();
    bell.release();
  }
  const routes: readonly Route[] = [
    ...healthViewRoutes({ health, clock: systemClock }),
    ...alertRoutes({ alerts: { list: () => alerts, test: async () => ({ is: 'unset' }) } }),
    ...recoveryRoutes({
      recovery: {
        view: () => recovery,
        views,
        acknowledge: async () => (told.push('acknowledged'), answer === 'busy' ? answer : { looksAt: [] }),
      },
      clock: systemClock,
    }),
    ...securityRoutes({
      security: {
        list: () => blocks,
        clear(id) {
          blocks = blocks.filter((each) => each.id !== id);
          told.push(`let in ${id}`);
          return true;
        },
      },
    }),
  ];

  return {
    routes,
    told,
    see,
    fail: (target: Target, message: string, sighting: Partial<Sighting> = {}) =>
      see(target, { failure: failed(target, message), ...sighting }),
    recover: (next: Partial<RecoveryView>) => {
      recovery = { ...recovery, ...next, seq: recovery.seq + 1 };
      changes.tell('recovery');
    },
    alert: (next: readonly Incident[]) => void (alerts = next),
    block: (next: readonly Block[]) => void (blocks = next),
    /** From now on recovery has something else to do. */
    busy: () => void (answer = 'busy'),
  };
}
