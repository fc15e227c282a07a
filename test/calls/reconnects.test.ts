import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { answered, ask, greeted, transcript } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime, wholeSuite } from '../support/call-real-time.ts';
import { entersState, isEvent } from '../support/call-story.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { ownLinks } from '../support/own-links.ts';

const rules = [
  { user: 'red', text: 'Ruby it is.' },
  { user: 'green', text: 'Then jade.' },
  { user: 'more', text: 'The house was built by the lake long ago, it has forty rooms and a view of the hills.' },
];
/** Kinds of `Room.simulateScenario`: the server tells the client to begin again, or its socket is lost. */
const scenarios = { 'full reconnect': 7, 'lost signal': 0, migration: 4, 'node failure': 2 } as const;

/** The second time that the agent joins. */
const rejoined = () => {
  let joins = 0;
  return (entry: LogEntry) => isEvent('line.joined')(entry) && (joins += 1) === 2;
};

/** One more turn in the same call. A word said the moment that the link is back may be lost with it. */
async function goesOn(call: TestCall, world: CallWorld): Promise<void> {
  await ask(call, 'well now green please', /jade/);
  await call.phone.when('heard.word', ({ text }) => text === 'jade.');
  const lines = transcript(call);
  expect(
    lines.filter((line) => line.startsWith('caller')).map((line) => line.replace(/(well )?(now )?green/, 'green')),
  ).toEqual(['caller: i like red', 'caller: green please']);
  expect(lines.at(-1)).toMatch(/^agent: .*Then jade\.$/);
  expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
  const calls = (await world.instance.calls.list({ limit: 100 })).filter(({ room }) => room === call.room);
  expect(calls.map(({ callKey, endedAt }) => [callKey, endedAt])).toEqual([[call.callKey, undefined]]);
}

let joined: ReadonlyMap<string, RtcRoom>;
beforeAll(async () => void (joined = await ownLinks()));

describe.concurrent('a call over links that fail', () => {
  let world: CallWorld;
  beforeAll(async () => {
    world = await openCallWorld({ emulators: { openai: { rules } } });
  });

  const oneTurn = async () => {
    const call = await world.dial();
    await greeted(call);
    await ask(call, 'i like red', /Ruby/);
    return call;
  };

  test.each(wholeSuite ? (['full', 'signal', 'migration', 'node'] as const) : (['full', 'signal'] as const))(
    'R9.3 bad input: a caller whose link fails (%s) comes back into the same call',
    (drop) =>
      inRealTime(async () => {
        const call = await oneTurn();
        await call.phone.dropLine(drop);
        await call.phone.when('line.reconnected');
        await goesOn(call, world);
        expect(call.entries().filter(isEvent('caller.joined')).length).toBe(drop === 'signal' ? 1 : 2);
      }),
  );

  test('R9.3 a caller whose link fails while the agent speaks hears the rest once he is back', () =>
    inRealTime(async () => {
      const call = await oneTurn();
      await call.phone.sayWords('tell me more');
      await call.phone.when('heard.word', ({ text }) => text === 'built');
      await call.phone.dropLine('full');
      await call.until(entersState('halted'));
      await call.phone.when('heard.word', ({ text }) => text === 'hills.');
      await answered(call, /hills/);
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
    }));

  test.each(Object.keys(scenarios).slice(0, wholeSuite ? 4 : 1) as (keyof typeof scenarios)[])(
    'R9.3 the agent whose own link fails (%s) comes back, and nobody is held to have hung up',
    (scenario) =>
      inRealTime(async () => {
        const call = await oneTurn();
        await joined.get(call.room)!.simulateScenario(scenarios[scenario]);
        await call.until(isEvent('line.reconnected'));
        await goesOn(call, world);
        expect(call.entries().some(isEvent('line.failed'))).toBe(false);
      }),
  );
});

describe.runIf(wholeSuite)('a livekit-server that dies', () => {
  const servers: { stop(): Promise<void> }[] = [];
  afterAll(async () => void (await Promise.all(servers.map((server) => server.stop()))));

  test('and is back within a second: the call goes on over the same room', () =>
    inRealTime(async () => {
      const binary = (await findLivekitServer({}))!;
      const webhookUrl = `${inject('webhookHubUrl')}/webhook`;
      const first = await startLivekitServer({ binary, webhookUrl });
      servers.push(first);
      const world = await openCallWorld({ emulators: { openai: { rules } }, livekit: first });
      const call = await world.dial();
      await greeted(call);
      await ask(call, 'i like red', /Ruby/);
      const joinedAgain = rejoined();
      await first.stop();
      servers.push(await startLivekitServer({ binary, webhookUrl, at: first }));
      await Promise.all([
        call.phone.when('line.reconnected', undefined, 60_000),
        call.until((entry) => isEvent('line.reconnected')(entry) || joinedAgain(entry), 60_000),
      ]);
      await eventually(
        () => call.states().includes('listening'),
        (listening) => listening,
      );
      await call.phone.sayWords('no green please');
      await answered(call, /jade/);
      expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
      await world.close();
    }));
});
