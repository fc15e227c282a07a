import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/call-eventually.ts';
import { type Guest, joinGuest } from '../support/call-guest.ts';
import { entersState, isEvent, isLine } from '../support/call-story.ts';
import { type CallWorld, openCallWorld } from '../support/call-world.ts';
import { newRoomName, sharedLivekit, webhooksOf } from '../support/hub.ts';

/** What the door answered to the news that this participant joined. */
const joinedAnswered = (room: string, identity: string) => async () =>
  (await webhooksOf(room)).find(
    ({ body }) =>
      body.event === 'participant_joined' && (body['participant'] as { identity: string }).identity === identity,
  )?.status;

describe('who is served', () => {
  let world: CallWorld;
  const guests: Guest[] = [];
  beforeAll(async () => {
    world = await openCallWorld({
      emulators: {
        openai: {
          rules: [
            { user: 'ping', text: 'Pong.' },
            { user: 'first', text: 'One.' },
            { user: 'second', text: 'Two.' },
          ],
        },
      },
    });
  });
  afterAll(async () => void (await Promise.all(guests.map((guest) => guest.leave()))));

  async function guestIn(room: string, identity: string, attributes: Record<string, string> = {}): Promise<Guest> {
    const guest = await joinGuest(sharedLivekit(), { room, identity, attributes });
    guests.push(guest);
    return guest;
  }
  const caller = { 'voicechart.role': 'caller' };
  async function tokenFor(room: string, identity: string): Promise<string> {
    const asked = await fetch(`${world.doors.api.url}/v1/tokens`, {
      method: 'POST',
      headers: { ...world.access.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ room, identity, preset: 'caller' }),
    });
    return ((await asked.json()) as { readonly token: string }).token;
  }
  const callsIn = async (room: string) =>
    (await world.instance.calls.list({ limit: 100 })).filter((call) => call.room === room);

  test('S6 D1.4 D3.3 D3.4 R10.1 R10.3 a phone is called back by webhook: session, bot, answer, disclosure, greeting', async () => {
    const call = await world.dial({ from: '+15550123456' });
    const { phone, room } = call;
    const voice = await phone.when('voice.joined');
    const answered = await phone.when('answered');
    await phone.when('heard.word', ({ text }) => text === 'help?');
    expect(phone.identity).toBe('sip_+15550123456');
    expect(voice.identity).toBe(`agent-${phone.callId}-1`);
    expect(answered.atMs).toBeGreaterThanOrEqual(voice.atMs);
    const agents = (await world.api.listParticipants(room)).filter(({ identity }) => identity !== phone.identity);
    expect(agents.map(({ identity, kind, tracks }) => [identity, kind, tracks.length])).toEqual([
      [voice.identity, 4, 1],
    ]);
    const events = (await webhooksOf(room)).map(({ body }) => body.event);
    expect(events.slice(0, 2)).toEqual(['room_started', 'participant_joined']);
    expect((await callsIn(room)).map(({ callKey }) => callKey)).toEqual([call.callKey]);

    const order = call.entries().flatMap((entry) => (entry.kind === 'event' ? [entry.data.type] : []));
    const at = (type: string) => order.indexOf(type);
    expect(at('line.joined')).toBeGreaterThanOrEqual(0);
    expect(at('line.joined')).toBeLessThan(at('caller.answered'));
    expect(at('caller.answered')).toBeLessThan(at('playback.started'));
    expect(call.story().states.slice(0, 5)).toEqual(['ringing', 'talking', 'opening', 'disclosing', 'thinking']);
    await call.until((_, { lines }) => [...lines.values()].filter((line) => line.finished).length === 2);
    expect(call.verdict()).toMatchObject({ heardEqualsHistory: true, words: 8 });
  });

  test('D2.1 R10.3 whoever comes with a caller’s token of our own API is served like a phone', async () => {
    const room = newRoomName();
    await world.route(room);
    const call = world.follow(room, 'ada');
    const token = await tokenFor(room, 'ada');
    const ada = await joinGuest(sharedLivekit(), { room, identity: 'ada', token });
    guests.push(ada);
    await call.until(entersState('listening'));
    await ada.say('ping please');
    await call.until(isLine('agent', /Pong/));
    await eventually(
      () => ada.heardFrom('agent-ada-1').join(' '),
      (heard) => heard.endsWith('help? Pong.'),
    );
  });

  test('R10.3 a room without our prefix and a room of viewers alone get no agent', async () => {
    const other = newRoomName('somebody-else');
    const call = await world.dial({ room: other });
    await eventually(joinedAnswered(other, call.phone.identity), (status) => status === 200);
    const room = newRoomName();
    await world.route(room);
    const viewer = await guestIn(room, 'viewer');
    await eventually(joinedAnswered(room, 'viewer'), (status) => status === 200);
    expect([...(await callsIn(other)), ...(await callsIn(room))]).toEqual([]);
    expect(viewer.others()).toEqual([]);
    expect(call.phone.events().map(({ type }) => type)).toEqual(['ringing']);
    await call.phone.hangUp();
  });

  test('bad input: a second caller in the room is not listened to, and gets no agent of its own', async () => {
    const call = await world.dial();
    const second = await guestIn(call.room, 'second', caller);
    await call.until(entersState('listening'));
    await second.say('second talks loudly here');
    await call.phone.sayWords('first question');
    await call.until(isLine('agent', /One/));
    const said = [...call.story().lines.values()].filter(({ who }) => who === 'caller').map(({ text }) => text);
    expect(said).toEqual(['first question']);
    expect((await callsIn(call.room)).map(({ callKey }) => callKey)).toEqual([call.callKey]);
    expect(second.others().toSorted()).toEqual([`agent-${call.phone.callId}-1`, call.phone.identity].toSorted());
  });

  test('bad input: a second phone in the room is removed, and the first call goes on', async () => {
    const call = await world.dial();
    await call.until(entersState('listening'));
    const intruder = await world.dial({ room: call.room });
    expect(await intruder.phone.when('ended')).toMatchObject({ reason: 'PARTICIPANT_REMOVED' });
    await call.phone.sayWords('first question');
    await call.until(isLine('agent', /One/));
    await call.phone.when('heard.word', ({ text }) => text === 'One.');
    expect(call.entries().some(isEvent('caller.left'))).toBe(false);
    expect((await callsIn(call.room)).map(({ callKey }) => callKey)).toEqual([call.callKey]);
  });
});
