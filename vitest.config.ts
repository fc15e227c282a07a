import { defineConfig } from 'vitest/config';

const quiet = { NODE_ENV: 'production' };

/** Played by `npm run suite` alone: servers that die, minutes of sound, the life of a token, and machines with something wrong. */
const suiteOnly = process.env['VOICECHART_SUITE']
  ? []
  : [
      'test/adapters/redis/queue-trouble.test.ts',
      'test/adapters/redis/trouble.test.ts',
      'test/calls/all-gone.test.ts',
      'test/calls/arrival.test.ts',
      'test/calls/canary.test.ts',
      'test/calls/deploy.test.ts',
      'test/calls/dev.test.ts',
      'test/calls/doctor-faults.test.ts',
      'test/calls/doctor.test.ts',
      'test/calls/endings.test.ts',
      'test/calls/failsafe.test.ts',
      'test/calls/fallback-host.test.ts',
      'test/calls/floor.test.ts',
      'test/calls/handover.test.ts',
      'test/calls/keys-nodes.test.ts',
      'test/calls/link-faults.test.ts',
      'test/calls/keys.test.ts',
      'test/calls/killed.test.ts',
      'test/calls/workers.test.ts',
      'test/calls/observability.test.ts',
      'test/calls/operator.test.ts',
      'test/calls/outbound-restart.test.ts',
      'test/calls/outbound.test.ts',
      'test/calls/reconnects.test.ts',
      'test/calls/reconciler.test.ts',
      'test/calls/recording.test.ts',
      'test/calls/redis-calls.test.ts',
      'test/calls/restart.test.ts',
      'test/calls/rooms.test.ts',
      'test/calls/suspicion.test.ts',
      'test/calls/takeover-deeds.test.ts',
      'test/calls/takeover-states.test.ts',
      'test/calls/takeover.test.ts',
      'test/calls/tools.test.ts',
      'test/cli/doctor/webhooks.test.ts',
      'test/console/real-call.test.ts',
      'test/emulators/livekit-front/sip.test.ts',
      'test/demo/in-process.test.ts',
      'test/demo/interrupt.test.ts',
      'test/door/schemathesis.test.ts',
      'test/livekit/front-life.test.ts',
      'test/livekit/egress.test.ts',
      'test/livekit/line-looks.test.ts',
      'test/livekit/phone-server-death.test.ts',
      'test/livekit/phone.test.ts',
      'test/livekit/player-property.test.ts',
      'test/livekit/player.test.ts',
      'test/livekit/recorder.test.ts',
      'test/livekit/recovery.test.ts',
      'test/livekit/room-failures.test.ts',
      'test/livekit/room-link.test.ts',
      'test/livekit/telephones.test.ts',
      'test/livekit/token-life.test.ts',
      'test/machines/mutants.test.ts',
      'test/machines/product.test.ts',
      'test/wiring/worker.test.ts',
    ];

/** Machines are walked under their hosts, every edge of them. */
const walks = ['test/machines/graph*.test.ts'];

export default defineConfig({
  test: {
    passWithNoTests: false,
    expect: { poll: { timeout: 20_000, interval: 20 } },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/{ground,sip,egress,ingress,audio,machines,actors,runtime,http,agents,tools}/**/*.test.ts'],
          exclude: [...suiteOnly, ...walks],
          pool: 'threads',
          maxWorkers: 2,
          // They keep nothing outside their tests; loading every module anew for each file took as long as the tests.
          isolate: false,
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Each takes a core for half a minute: beside each other, where among the others one waited for the other.
        test: {
          name: 'walks',
          include: walks,
          pool: 'threads',
          maxWorkers: 2,
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'vendors',
          include: ['test/{adapters,cli,emulators,wiring}/**/*.test.ts'],
          exclude: suiteOnly,
          pool: 'forks',
          maxWorkers: 2,
          retry: 1,
          env: quiet,
          testTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        // Real livekit-server, real media: one file after the other, each in a process of its own (rtc-node allows one).
        test: {
          name: 'calls',
          include: ['test/{livekit,calls,console,demo,door}/**/*.test.ts'],
          exclude: suiteOnly,
          pool: 'forks',
          fileParallelism: false,
          maxWorkers: 1,
          // Real time on a machine with neighbours: sound lost to want of a processor is void and played once more.
          retry: 2,
          globalSetup: ['test/support/services.ts'],
          env: quiet,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
