import { describe, expect, it } from 'vitest';
import { calmPosture } from '../../src/posture.ts';
import {
  fails,
  never,
  overloaded,
  recoveryBench,
  recoveryInput,
  refused,
  spent,
  unreachable,
  unregistered,
} from '../support/recovery-harness.ts';

type Bench = ReturnType<typeof recoveryBench>;

async function running(given: Parameters<typeof recoveryBench>[0] = {}, input = recoveryInput): Promise<Bench> {
  const bench = recoveryBench(given, input);
  await bench.clock.settle();
  expect(bench.path.at(-1)).toBe('running.monitoring');
  return bench;
}

/** As `running`, and this instance writes the posture. */
async function leading(...given: Parameters<typeof running>): Promise<Bench> {
  const bench = await running(...given);
  await bench.leads();
  return bench;
}

describe('the course of recovery, box by box as diagram 8 has it', () => {
  it('D8.1 it starts, initialises its parts, checks their health and runs', async () => {
    const { path, probed, works } = await running();
    expect(path).toEqual(['starting', 'initializing', 'checkingHealth', 'running.monitoring']);
    expect(probed).toEqual(['all']);
    expect(works()).toEqual([]);
  });

  it('D8.1 parts that do not open in time, or not at all, keep nobody from looking which of them work', async () => {
    for (const initialized of [never, async () => unreachable]) {
      const bench = recoveryBench({ initialized });
      // oxlint-disable-next-line no-await-in-loop
      await bench.clock.advance(30_000);
      expect(bench.path).toEqual(['starting', 'initializing', 'checkingHealth', 'running.monitoring']);
    }
  });

  it('D8.7 what fails at the start is logged and fixed by itself', async () => {
    const { path, works, state } = await running({
      failing: async () => [{ target: 'groq', failure: unreachable }],
    });
    expect(path.slice(2)).toEqual([
      'checkingHealth',
      'diagnosing.loggingDetails',
      'diagnosing.choosing',
      'diagnosing.attemptingAutoFix',
      'running.monitoring',
    ]);
    expect(works()).toEqual(['logDetails', 'autoFix']);
    expect(state().context.incidents).toEqual([]);
  });

  it('D8.7 what cannot be fixed needs a person, who is waited for before operations are limited', async () => {
    const bench = recoveryBench({
      failing: async () => [{ target: 'livekit-egress', failure: overloaded }],
      outcomes: { autoFix: fails(overloaded) },
    });
    await bench.clock.settle();
    expect(bench.path.at(-1)).toBe('awaitingManualFix');
    await bench.clock.advance(30_000);
    expect(bench.since('awaitingManualFix')).toEqual(['degraded.limitedOperations', 'running.monitoring']);
    expect(bench.stance()).toMatchObject({ mode: 'degraded', limited: ['recording', 'egress'] });
    expect(bench.state().context.incidents).toMatchObject([{ target: 'livekit-egress', critical: false }]);
  });

  it('D8.4 a vendor whose quota is spent in calls is avoided, though the question that costs nothing is answered', async () => {
    const bench = recoveryBench();
    await bench.clock.settle();
    bench.tells('openai', 'unhealthy', spent);
    await bench.clock.settle();
    expect(bench.stance()).toMatchObject({ avoid: ['openai'] });
  });

  it('D8.7 what else failed at the start has its turn, what is critical first', async () => {
    const bench = recoveryBench({
      failing: async () => [
        { target: 'livekit-egress', failure: overloaded },
        { target: 'groq', failure: overloaded },
        { target: 'livekit-room', failure: refused },
      ],
    });
    await bench.clock.settle();
    expect(bench.done.map(([, work, target]) => `${work} ${target}`)).toEqual([
      'logDetails livekit-room',
      'autoFix livekit-room',
      'checkStatus livekit-egress',
    ]);
  });

  it.each([
    ['auth', 'openai', refused, 'auth.refreshingToken'],
    ['auth of telephones', 'livekit-sip', refused, 'auth.refreshingToken'],
    ['API', 'openai', overloaded, 'api.checkingStatus'],
    ['API that is too slow', 'openai', undefined, 'api.checkingStatus'],
    ['SIP', 'livekit-room', unregistered, 'sip.checkingConfig'],
    ['SIP that nobody answers', 'sip-gateway', unreachable, 'sip.checkingConfig'],
    ['LiveKit that cannot be reached for telephones', 'livekit-sip', unreachable, 'network.checking'],
    ['network', 'deepgram', unreachable, 'network.checking'],
  ] as const)('D8.2 an error is detected and classified: %s', async (_name, target, failure, first) => {
    const bench = await leading();
    await bench.tells(target, 'unhealthy', failure);
    expect(bench.since('starting').slice(2, 5)).toEqual(['running.monitoring', 'classifying', first]);
  });

  it('D8.2 what is degraded is known, and nothing is done about it', async () => {
    const bench = await running();
    await bench.tells('openai', 'degraded', overloaded);
    expect(bench.works()).toEqual([]);
    expect(bench.state().context.statuses).toMatchObject({ openai: { status: 'degraded' } });
  });

  it('D8.3 a fresh token, another try, and it runs again', async () => {
    const bench = await running();
    await bench.tells('openai', 'unhealthy', refused);
    expect(bench.since('classifying')).toEqual(['auth.refreshingToken', 'auth.retrying.afresh', 'running.monitoring']);
    expect(bench.works()).toEqual(['refreshToken', 'retryAccess']);
    expect(bench.steps).toEqual([
      { type: 'recovery.step', box: 'refreshingToken', target: 'openai', did: 'refreshToken' },
      { type: 'recovery.step', box: 'retrying', target: 'openai', did: 'retryAccess' },
    ]);
  });

  it('D8.3 D8.8 a token that is refused again is for an admin: an alert, a wait, and others are asked instead', async () => {
    const bench = await running({ outcomes: { refreshToken: fails(refused), retryAccess: fails(refused) } });
    await bench.tells('openai', 'unhealthy', refused);
    expect(bench.since('classifying')).toEqual([
      'auth.refreshingToken',
      'auth.retrying.asBefore',
      'escalating.alerting',
      'awaitingManualFix',
    ]);
    await bench.clock.advance(30_000);
    expect(bench.stance()).toMatchObject({ mode: 'degraded', avoid: ['openai'] });
    expect(bench.path.at(-1)).toBe('running.monitoring');
  });

  it('D8.4 an API is tried again with backoff, three times, then the other way is taken', async () => {
    const bench = await running({ outcomes: { retryApi: fails(overloaded) } });
    await bench.tells('openai', 'unhealthy', overloaded);
    await bench.clock.advance(10_000);
    expect(bench.done).toEqual([
      [0, 'checkStatus', 'openai'],
      [500, 'retryApi', 'openai'],
      [1500, 'retryApi', 'openai'],
      [3500, 'retryApi', 'openai'],
      [3500, 'useFallback', 'openai'],
    ]);
    expect(bench.path.slice(-2)).toEqual(['api.usingFallbackApi', 'running.monitoring']);
    expect(bench.stance()).toMatchObject({ mode: 'normal', avoid: ['openai'] });
  });

  it('D8.4 it runs again as soon as one try goes well', async () => {
    const bench = await running();
    await bench.tells('groq', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    expect(bench.works()).toEqual(['checkStatus', 'retryApi']);
    expect(bench.path.at(-1)).toBe('running.monitoring');
    expect(bench.stance()).toMatchObject({ mode: 'normal', avoid: [] });
  });

  it('D8.4 what would fail again for certain is not tried again; without another way it is escalated', async () => {
    const bench = await running({ outcomes: { retryApi: fails(spent), useFallback: fails(spent) } });
    await bench.tells('livekit-egress', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    expect(bench.works()).toEqual(['checkStatus', 'retryApi', 'useFallback', 'sendAlert']);
  });

  it('D8.5 telephones: the file is checked, put in force and tested', async () => {
    const bench = await leading();
    await bench.tells('livekit-sip', 'unhealthy', unregistered);
    expect(bench.since('classifying')).toEqual([
      'sip.checkingConfig',
      'sip.reloadingConfig',
      'sip.testingConnection',
      'running.monitoring',
    ]);
    expect(bench.works()).toEqual(['checkConfig', 'reloadConfig', 'testConnection']);
  });

  it.each(['checkConfig', 'reloadConfig', 'testConnection'] as const)(
    'D8.5 the backup set is used where %s fails',
    async (work) => {
      const bench = await leading({ outcomes: { [work]: fails(unregistered) } });
      await bench.tells('sip-gateway', 'unhealthy', unregistered);
      expect(bench.path.slice(-3)).toEqual([
        'sip.usingBackupConfig.checking',
        'sip.usingBackupConfig.putting',
        'running.monitoring',
      ]);
      expect(bench.stance()).toMatchObject({ mode: 'normal', sipSet: 'backup' });
    },
  );

  it('D8.5 D8.8 without a backup set, calls out and transfers are limited', async () => {
    const bench = await leading({
      outcomes: { testConnection: fails(unregistered), checkBackup: fails(unregistered) },
    });
    await bench.tells('sip-gateway', 'unhealthy', unregistered);
    expect(bench.path.at(-1)).toBe('awaitingManualFix');
    await bench.clock.advance(30_000);
    expect(bench.stance()).toMatchObject({ mode: 'degraded', sipSet: 'primary', limited: ['outbound', 'transfers'] });
  });

  it('D8.6 a connection is made anew, and again after a longer and longer wait', async () => {
    const bench = await running({ outcomes: { reconnect: fails(unreachable) } });
    await bench.tells('deepgram', 'unhealthy', unreachable);
    await bench.clock.advance(8000);
    bench.world.outcomes = {};
    await bench.clock.advance(8000);
    expect(bench.done.map(([at, work]) => [at, work])).toEqual([
      [0, 'checkNetwork'],
      [0, 'reconnect'],
      [1000, 'reconnect'],
      [3000, 'reconnect'],
      [7000, 'reconnect'],
      [15_000, 'reconnect'],
    ]);
    expect(bench.since('network.waiting')).toEqual(['network.reconnecting', 'answered', 'running.monitoring']);
  });

  it('D8.6 where our own network is down, a wait comes first; after six tries it is escalated', async () => {
    const bench = await running({ outcomes: { checkNetwork: fails(unreachable), reconnect: fails(unreachable) } });
    await bench.tells('deepgram', 'unhealthy', unreachable);
    expect(bench.path.at(-1)).toBe('network.waiting');
    await bench.clock.advance(60_000);
    expect(bench.works().filter((work) => work === 'reconnect')).toHaveLength(6);
    expect(bench.works()).toContain('sendAlert');
  });

  it('D8.6 D8.8 a connection without which no call is taken is tried twice before callers are spared', async () => {
    const bench = await running({ outcomes: { reconnect: fails(unreachable) } });
    await bench.tells('livekit-room', 'unhealthy', unreachable);
    await bench.clock.advance(1000);
    expect(bench.works()).toEqual([
      'checkNetwork',
      'reconnect',
      'reconnect',
      'sendAlert',
      'activateFailsafe',
      'switchToBackup',
    ]);
    expect(bench.stance()).toMatchObject({ mode: 'failsafe', livekitHost: 'fallback' });
  });

  it('D8.8 what gets well while the alert is sent was an incident, and is one no longer', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused), sendAlert: never } });
    await bench.tells('cartesia', 'unhealthy', refused);
    expect(bench.state().context.incidents).toHaveLength(1);
    await bench.tells('cartesia', 'healthy');
    expect(bench.path.slice(-2)).toEqual(['escalating.alerting', 'running.monitoring']);
    expect(bench.state().context.incidents).toEqual([]);
  });

  it('D8.8 without LiveKit callers are spared at once, and the backup is used when there is one', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused) } });
    await bench.tells('livekit-room', 'unhealthy', refused);
    expect(bench.since('auth.retrying.afresh')).toEqual([
      'escalating.alerting',
      'awaitingManualFix',
      'failsafe',
      'switchingToBackup',
      'running.monitoring',
    ]);
    expect(bench.stance()).toMatchObject({ mode: 'failsafe', livekitHost: 'fallback' });
    await bench.clock.advance(60_000);
    expect(bench.stance()).toMatchObject({ mode: 'normal', livekitHost: 'fallback' });
  });

  it('D8.8 without a backup, failsafe stays until it is well again', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused), switchToBackup: fails(refused) } });
    await bench.tells('livekit-room', 'unhealthy', refused);
    await bench.clock.advance(600_000);
    expect(bench.stance()).toMatchObject({ mode: 'failsafe', livekitHost: 'primary' });
    expect(bench.state().context.incidents).toMatchObject([{ target: 'livekit-room', critical: true }]);
    await bench.tells('livekit-room', 'healthy');
    expect(bench.stance().mode).toBe('normal');
    expect(bench.state().context.incidents).toEqual([]);
  });

  it('D8.8 the last vendor of a kind is critical, the one before is not', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused), switchToBackup: fails(refused) } });
    await bench.tells('groq', 'unhealthy', refused);
    await bench.clock.advance(30_000);
    expect(bench.stance().mode).toBe('degraded');
    await bench.tells('openai', 'unhealthy', refused);
    expect(bench.stance().mode).toBe('failsafe');
  });

  it('D8.8 what an admin says is mended is looked at, and it runs again', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused) } });
    await bench.tells('cartesia', 'unhealthy', refused);
    expect(bench.path.at(-1)).toBe('awaitingManualFix');
    await bench.acknowledges();
    expect(bench.since('awaitingManualFix')).toEqual(['adminAction', 'running.monitoring']);
    expect(bench.probed.at(-1)).toEqual(['cartesia']);
    expect(bench.state().context.incidents).toEqual([]);
  });

  it('D8.8 an incident may be acknowledged long after calls were spared; what is not mended goes on being one', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused), switchToBackup: fails(refused) } });
    await bench.tells('livekit-connect', 'unhealthy', refused);
    await bench.clock.advance(100_000);
    bench.world.failing = async () => [{ target: 'livekit-connect', failure: refused }];
    await bench.acknowledges();
    expect(bench.path.slice(-5)).toEqual([
      'adminAction',
      'awaitingManualFix',
      'failsafe',
      'switchingToBackup',
      'running.monitoring',
    ]);
    expect(bench.state().context.incidents).toHaveLength(1);
    bench.world.failing = async () => [];
    await bench.acknowledges();
    expect(bench.state().context.incidents).toEqual([]);
    await bench.clock.advance(60_000);
    expect(bench.stance().mode).toBe('normal');
  });
});

describe('beside the course', () => {
  it('D8.2 what happens meanwhile waits its turn, each target once, what is critical first', async () => {
    const bench = await running({ outcomes: { checkStatus: never } });
    await bench.tells('livekit-egress', 'unhealthy', overloaded);
    for (const target of ['groq', 'redis', 'groq', 'livekit-room'] as const)
      // oxlint-disable-next-line no-await-in-loop
      await bench.tells(target, 'unhealthy', refused);
    expect(bench.state().context.queue.map(({ target }) => target)).toEqual(['groq', 'redis', 'livekit-room']);
    await bench.clock.advance(15_000);
    const refreshed = bench.done.filter(([, work]) => work === 'refreshToken');
    expect(refreshed.map(([, , target]) => target)).toEqual(['livekit-room', 'groq', 'redis']);
  });

  it.each([
    [unreachable, { reconnect: fails(unreachable) }],
    [overloaded, { checkStatus: fails(overloaded) }],
  ] as const)('D8.2 what is critical does not wait for the pauses of what is not', async (failure, outcomes) => {
    const bench = await running({ outcomes });
    await bench.tells('livekit-egress', 'unhealthy', failure);
    await bench.clock.advance(100);
    bench.world.outcomes = {};
    await bench.tells('livekit-room', 'unhealthy', refused);
    const ofRoom = bench.done.filter(([, , target]) => target === 'livekit-room');
    expect(ofRoom.map(([atMs, work]) => [atMs, work])).toEqual([
      [100, 'refreshToken'],
      [100, 'retryAccess'],
    ]);
    expect(bench.done.at(-1)![2]).toBe('livekit-egress');
    await bench.clock.advance(1000);
    expect(bench.path.at(-1)).toBe('running.monitoring');
    expect(bench.state().context.queue).toEqual([]);
  });

  it('what is well again while it waits needs nothing', async () => {
    const bench = await running({ outcomes: { checkStatus: never } });
    await bench.tells('openai', 'unhealthy', overloaded);
    await bench.tells('groq', 'unhealthy', refused);
    await bench.tells('groq', 'healthy');
    expect(bench.state().context.queue).toEqual([]);
    await bench.tells('openai', 'healthy');
    expect(bench.path.slice(-2)).toEqual(['api.checkingStatus', 'running.monitoring']);
  });

  it('work that is not done in time has failed', async () => {
    const bench = await running({ outcomes: { refreshToken: never, retryAccess: never, sendAlert: never } });
    await bench.tells('cartesia', 'unhealthy', refused);
    await bench.clock.advance(45_000);
    expect(bench.path.at(-1)).toBe('awaitingManualFix');
    expect(bench.steps.map(({ failure }) => failure?.message)).toEqual(Array(3).fill('no result in time'));
  });

  it('what was mended and yet does not get well has its turn again after two minutes', async () => {
    const bench = await running();
    await bench.tells('cartesia', 'unhealthy', refused);
    await bench.clock.advance(119_999);
    expect(bench.works()).toEqual(['refreshToken', 'retryAccess']);
    await bench.clock.advance(1);
    expect(bench.works()).toEqual(['refreshToken', 'retryAccess', 'refreshToken', 'retryAccess']);
  });

  it('a posture stands for 60 s after the last thing that was added to it', async () => {
    const bench = await running({ outcomes: { retryApi: fails(spent) } });
    await bench.tells('openai', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    expect(bench.stance().avoid).toEqual(['openai']);
    await bench.tells('openai', 'healthy');
    await bench.clock.advance(30_000);
    await bench.tells('groq', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    expect(bench.stance().avoid).toEqual(['openai', 'groq']);
    await bench.clock.advance(59_999);
    expect(bench.stance().avoid).toEqual(['openai', 'groq']);
    await bench.clock.advance(1);
    expect(bench.stance().avoid).toEqual(['groq']);
    expect(bench.standing()).toBe('returnable');
    await bench.tells('groq', 'healthy');
    expect(bench.stance().avoid).toEqual([]);
    expect(bench.standing()).toBe('normal');
  });

  it('a posture that somebody else has taken is led back from in the same way', async () => {
    const bench = await running();
    const measures = [
      { kind: 'fallbackHost', target: 'livekit-room', isOver: false },
      { kind: 'backupSip', target: 'livekit-sip', isOver: false },
      { kind: 'avoided', target: 'groq', isOver: false },
      { kind: 'limited', target: 'livekit-egress', isOver: false },
    ] as const;
    const found = { ...calmPosture, version: 7, measures };
    const targets = ['livekit-room', 'livekit-sip', 'groq', 'livekit-egress'] as const;
    // oxlint-disable-next-line no-await-in-loop
    for (const target of targets) await bench.tells(target, 'degraded');
    await bench.leads(found);
    expect(bench.stance()).toEqual({
      mode: 'degraded',
      livekitHost: 'fallback',
      sipSet: 'backup',
      avoid: ['groq'],
      limited: ['recording', 'egress'],
      measures,
    });
    await bench.clock.advance(60_000);
    expect(bench.stance().livekitHost).toBe('fallback');
    // oxlint-disable-next-line no-await-in-loop
    for (const target of targets) await bench.tells(target, 'healthy');
    expect(bench.stance()).toEqual({
      mode: 'normal',
      livekitHost: 'primary',
      sipSet: 'primary',
      avoid: [],
      limited: [],
      measures: [],
    });
    expect(bench.works()).toEqual(['leadBack']);
  });

  it('a posture that somebody else has taken for a target that nobody watches here stands for a minute', async () => {
    const bench = await running();
    const measures = [{ kind: 'limited', target: 'livekit-ingress', isOver: false }] as const;
    await bench.leads({ ...calmPosture, version: 7, measures });
    await bench.clock.advance(59_999);
    expect(bench.stance()).toMatchObject({ mode: 'degraded', limited: ['ingress'] });
    await bench.clock.advance(1);
    expect(bench.stance().mode).toBe('normal');
  });
});

describe('lines, which all instances share', () => {
  const backedUp = { testConnection: fails(unregistered) };

  async function onBackup(outcomes: Parameters<typeof running>[0] = { outcomes: backedUp }): Promise<Bench> {
    const bench = await leading(outcomes);
    await bench.tells('livekit-sip', 'unhealthy', unregistered);
    expect(bench.stance()).toMatchObject({ sipSet: 'backup' });
    return bench;
  }

  it.each([
    ['calm', []],
    ['of another', [{ kind: 'avoided', target: 'groq', isOver: false }] as const],
  ])('D8.2 who does not lead leaves them alone, and mends them once it leads; %s posture', async (_name, measures) => {
    const bench = await running();
    await bench.tells('sip-gateway', 'unhealthy', unregistered);
    await bench.clock.advance(300_000);
    expect([bench.works(), bench.path.at(-1)]).toEqual([[], 'running.monitoring']);
    await bench.leads({ ...calmPosture, measures });
    expect(bench.works()).toEqual(['checkConfig', 'reloadConfig', 'testConnection']);
  });

  it('D8.7 at the start, too, the instance that leads fixes them', async () => {
    const bench = recoveryBench({ failing: async () => [{ target: 'livekit-sip', failure: unregistered }] });
    await bench.clock.settle();
    expect([bench.works(), bench.path.at(-1)]).toEqual([['logDetails'], 'running.monitoring']);
    await bench.leads();
    expect(bench.works().slice(1)).toEqual(['checkConfig', 'reloadConfig', 'testConnection']);
  });

  it('D8.2 who takes the lead mends what nobody does anything about, and nothing else', async () => {
    const bench = await running({ outcomes: { retryAccess: fails(refused), reconnect: never } });
    await bench.tells('groq', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    await bench.tells('livekit-sip', 'unhealthy', unreachable);
    await bench.leads();
    expect(bench.works()).toEqual(['checkStatus', 'retryApi', 'checkNetwork', 'reconnect']);
    expect(bench.state().context.queue).toEqual([]);
  });

  it('D8.2 who loses the lead half-way lets go of them, and of the backup set that another one leads back from', async () => {
    const bench = await leading({ outcomes: { ...backedUp, useBackupConfig: never } });
    await bench.tells('livekit-sip', 'unhealthy', unregistered);
    expect([bench.path.at(-1), bench.stance().sipSet]).toEqual(['sip.usingBackupConfig.putting', 'backup']);
    await bench.losesLead();
    expect([bench.path.at(-1), bench.stance().sipSet]).toEqual(['running.monitoring', 'primary']);
    await bench.clock.advance(60_000);
    expect([bench.standing(), bench.works()]).toEqual(['normal', expect.not.arrayContaining(['leadBack'])]);
  });

  it('D8.5 a backup set that may be there in part is in the posture, and is led back from a minute later', async () => {
    const bench = await leading({ outcomes: { ...backedUp, useBackupConfig: fails(unregistered) } });
    await bench.tells('livekit-sip', 'unhealthy', unregistered);
    expect([bench.path.at(-1), bench.stance().sipSet]).toEqual(['awaitingManualFix', 'backup']);
    await bench.clock.advance(89_999);
    expect(bench.works()).not.toContain('leadBack');
    await bench.clock.advance(1);
    expect([bench.works().at(-1), bench.stance()]).toMatchObject(['leadBack', { sipSet: 'primary', mode: 'degraded' }]);
  });

  it('D8.5 the posture says that the backup set stands until the main one does', async () => {
    const bench = await onBackup();
    bench.world.outcomes = { leadBack: never };
    await bench.tells('livekit-sip', 'healthy');
    await bench.clock.advance(60_000);
    expect([bench.standing(), bench.stance().sipSet]).toEqual([{ leadingBack: 'restoring' }, 'backup']);
    bench.world.outcomes = {};
    await bench.clock.advance(15_000);
    expect(bench.standing()).toEqual({ leadingBack: 'waiting' });
    await bench.clock.advance(1000);
    expect([bench.standing(), bench.stance().sipSet]).toEqual(['normal', 'primary']);
    expect(bench.steps.slice(-2)).toMatchObject([
      { box: 'leadingBack', target: 'livekit-sip', failure: { sub: 'stall' } },
      { box: 'leadingBack', target: 'livekit-sip', did: 'leadBack' },
    ]);
  });

  it('D8.5 D8.8 leading back is tried again with backoff, four times; then people are told, and it has its turn again', async () => {
    const bench = await onBackup();
    bench.world.outcomes = { leadBack: fails(unreachable) };
    await bench.tells('livekit-sip', 'healthy');
    await bench.clock.advance(67_000);
    const tries = bench.done.filter(([, work]) => work === 'leadBack').map(([atMs]) => atMs);
    expect(tries.map((atMs) => atMs - tries[0]!)).toEqual([0, 1000, 3000, 7000]);
    expect([bench.standing(), bench.stance().sipSet]).toEqual(['notLedBack', 'backup']);
    expect(bench.notLedBack).toEqual([{ type: 'recovery.not_led_back', target: 'livekit-sip', failure: unreachable }]);
    expect(bench.state().context.incidents).toMatchObject([{ target: 'livekit-sip', critical: false }]);
    bench.world.outcomes = {};
    await bench.clock.advance(120_000);
    expect([bench.standing(), bench.stance().sipSet, bench.state().context.incidents]).toEqual([
      'normal',
      'primary',
      [],
    ]);
  });

  it('D8.8 what an admin mended is led back to at once', async () => {
    const bench = await onBackup();
    bench.world.outcomes = { leadBack: fails(unreachable) };
    await bench.tells('livekit-sip', 'healthy');
    await bench.clock.advance(67_000);
    bench.world.outcomes = {};
    await bench.acknowledges();
    expect([bench.standing(), bench.stance().sipSet]).toEqual(['normal', 'primary']);
  });

  it('D8.5 who loses the lead meanwhile leads back no more', async () => {
    const bench = await onBackup();
    bench.world.outcomes = { leadBack: fails(unreachable) };
    await bench.tells('livekit-sip', 'healthy');
    await bench.clock.advance(67_000);
    await bench.losesLead();
    expect([bench.standing(), bench.stance().sipSet, bench.state().context.incidents]).toEqual([
      'normal',
      'primary',
      [],
    ]);
  });
});

describe('a vendor that answers looks, and fails in calls', () => {
  it.each([
    ['streams that break off', unreachable, ['checkNetwork', 'reconnect', 'useFallback']],
    ['errors', overloaded, ['checkStatus', 'retryApi', 'useFallback']],
  ] as const)(
    'D8.4 %s: others are asked first for a minute, then it has another chance',
    async (_name, failure, works) => {
      const bench = await running();
      await bench.tells('openai', 'unhealthy', failure, { inCalls: true });
      await bench.clock.advance(500);
      expect([bench.works(), bench.stance()]).toMatchObject([works, { mode: 'normal', avoid: ['openai'] }]);
      await bench.tells('openai', 'healthy');
      await bench.clock.advance(59_499);
      expect(bench.stance().avoid).toEqual(['openai']);
      await bench.clock.advance(501);
      expect(bench.stance().avoid).toEqual([]);
    },
  );

  it('D8.3 a key that is refused in calls alone: another key is enough, without one others are asked first', async () => {
    const [other, none] = [await running(), await running({ outcomes: { refreshToken: fails(refused) } })];
    for (const bench of [other, none])
      // oxlint-disable-next-line no-await-in-loop
      await bench.tells('openai', 'unhealthy', refused, { inCalls: true });
    expect([other.works(), other.stance().avoid]).toEqual([['refreshToken', 'retryAccess'], []]);
    expect([none.works(), none.stance().avoid]).toEqual([['refreshToken', 'retryAccess', 'useFallback'], ['openai']]);
  });

  it('D8.4 what answered a look and yet is not well after two minutes is avoided, too', async () => {
    const bench = await running();
    await bench.tells('openai', 'unhealthy', overloaded);
    await bench.clock.advance(500);
    expect(bench.stance().avoid).toEqual([]);
    await bench.clock.advance(121_000);
    expect(bench.stance().avoid).toEqual(['openai']);
  });

  it('D8.8 what no other vendor can do is no different', async () => {
    const bench = await running();
    await bench.tells('livekit-egress', 'unhealthy', overloaded, { inCalls: true });
    await bench.clock.advance(500);
    expect([bench.works(), bench.stance().mode]).toEqual([['checkStatus', 'retryApi'], 'normal']);
  });
});
