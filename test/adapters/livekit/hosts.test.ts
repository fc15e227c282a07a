import { expect, test } from 'vitest';
import type { Egress } from '../../../src/actors/egress.ts';
import { createEgressOfHosts } from '../../../src/adapters/livekit/egress-hosts.ts';
import type { EgressOrder } from '../../../src/egress.ts';
import { calmPosture, type Posture } from '../../../src/posture.ts';
import { ControlError, notPassedOn } from '../../../src/runtime/control-error.ts';
import { createHosts } from '../../../src/wiring/hosts.ts';
import { errorOf, oddLivekit, reply } from './odd-livekit.ts';

test('D1.6 each request goes to the host of its moment, and an outage of one is none of the other', async () => {
  const [first, second] = [
    await oddLivekit((response) => reply(response, 503)),
    await oddLivekit((response) => reply(response, 200)),
  ];
  let host = first.url;
  const { api } = await oddLivekit(() => undefined, { url: () => host });
  // So many that nothing more is sent there.
  for (let tries = 0; tries < 6; tries += 1)
    // oxlint-disable-next-line no-await-in-loop
    expect(await errorOf(api.rooms.listRooms())).toMatchObject({ code: 'unavailable' });
  expect(first.asked).toHaveLength(5);
  host = second.url;
  expect(await api.rooms.listRooms()).toEqual([]);
  expect(await errorOf(api.at(first.url).rooms.listRooms())).toMatchObject({ code: 'unavailable' });
  expect(second.asked).toHaveLength(1);
  await api.close();
});

test('D1.6 renewed, what is under way is still answered, and what comes after it goes over another socket', async () => {
  const held = Promise.withResolvers<() => void>();
  const { api, asked, sockets } = await oddLivekit((response, { rpc }) =>
    rpc.endsWith('CreateRoom') ? held.resolve(() => reply(response, 200, { name: 'x' })) : reply(response, 200),
  );
  await api.rooms.listRooms();
  const making = api.rooms.createRoom({ name: 'x' });
  const answer = await held.promise;
  expect(sockets()).toBe(1);
  api.renew();
  await api.rooms.listRooms();
  expect(sockets()).toBe(2);
  answer();
  expect((await making).name).toBe('x');
  expect(asked).toHaveLength(3);
});

test('D1.6 new calls go where the posture says, and a call that runs stays where it is', () => {
  let posture: Posture = calmPosture;
  const urls = { livekitUrl: 'ws://a', livekitFallbackUrl: 'ws://b' };
  const hosts = createHosts(urls, { now: () => posture });
  expect([hosts.now(), hosts.all()]).toEqual(['ws://a', ['ws://a', 'ws://b']]);
  posture = { ...calmPosture, livekitHost: 'fallback' };
  expect([hosts.now(), hosts.all()]).toEqual(['ws://b', ['ws://b', 'ws://a']]);
  expect([hosts.of('ws://a'), hosts.of('ws://b'), hosts.of('ws://gone')]).toEqual(['ws://a', 'ws://b', 'ws://b']);
  const alone = createHosts({ livekitUrl: 'ws://a' }, { now: () => posture });
  expect([alone.now(), alone.of('ws://gone')]).toEqual(['ws://a', 'ws://a']);
});

const info = { egressId: 'EG_1' } as Awaited<ReturnType<Egress['start']>>;
const order = {} as EgressOrder;
const missing = () => Promise.reject(new ControlError('not_found', notPassedOn('refused', 'no such room').failure));
const away = () => Promise.reject(new ControlError('unavailable', notPassedOn('refused', 'away').failure));
const recorder = (answer: () => Promise<never> | Promise<typeof info>): Egress => ({
  start: answer,
  stop: answer,
  updateLayout: answer,
  updateStream: answer,
  list: () => answer().then((one) => [one]),
});

test('D1.6 R4.1 a recording is asked for where its room is, and one is not taken for gone because its host is away', async () => {
  const none: Egress = { ...recorder(missing), list: () => Promise.resolve([]) };
  const other = createEgressOfHosts(() => [none, recorder(() => Promise.resolve(info))]);
  expect(await other.start(order)).toBe(info);
  expect(await other.stop('EG_1')).toBe(info);
  expect(await other.list({ egressId: 'EG_1' })).toEqual([info]);
  const lost = createEgressOfHosts(() => [none, recorder(away)]);
  expect(await errorOf(lost.list({ egressId: 'EG_1' }))).toMatchObject({ code: 'unavailable' });
  const silent = createEgressOfHosts(() => [recorder(away), recorder(() => Promise.resolve(info))]);
  expect(await errorOf(silent.start(order))).toMatchObject({ code: 'unavailable' });
});
