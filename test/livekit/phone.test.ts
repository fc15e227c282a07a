import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  dispose,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
  type RemoteParticipant,
} from '@livekit/rtc-node';
import { AccessToken, RoomServiceClient, TrackSource as ServerTrackSource } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPhoneControl } from '../../emulators/phone/control.ts';
import { startPhoneProcess, type PhoneProcess } from '../../emulators/phone/process.ts';
import type { RefusalCase } from '../../emulators/phone/refusal.ts';
import type { Phone, PhoneOptions } from '../../emulators/phone/types.ts';
import { tonesOfText } from '../../emulators/phone/words.ts';
import { createToneDecoder } from '../../emulators/tones/codec.ts';
import { newRoomName, sharedLivekit, webhooksOf } from '../support/hub.ts';

const bots: { leave(): Promise<void> }[] = [];
let phones: PhoneProcess;

beforeAll(async () => {
  phones = await startPhoneProcess();
});

afterEach(async () => {
  for (const bot of bots.splice(0)) await bot.leave();
});

afterAll(async () => {
  await phones.close();
  await dispose();
});

function optionsFor(room: string): PhoneOptions {
  const { url, apiKey, apiSecret } = sharedLivekit();
  return { livekitUrl: url, apiKey, apiSecret, room, from: '+15550199', to: '+15550100' };
}

const call = (room: string, more: Partial<PhoneOptions> = {}) => phones.createPhone({ ...optionsFor(room), ...more });

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

const api = () => {
  const { httpUrl, apiKey, apiSecret } = sharedLivekit();
  return new RoomServiceClient(httpUrl, apiKey, apiSecret);
};

/** A plain agent: publishes when told, hears words, sees digits. Nothing of Voicechart's own. */
async function joinBot(roomName: string) {
  const { url, apiKey, apiSecret } = sharedLivekit();
  const token = new AccessToken(apiKey, apiSecret, { identity: 'bot', ttl: 600 });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: roomName });
  const room = new Room();
  const seen = { words: [] as string[], digits: [] as string[], statuses: [] as string[], tracks: 0 };
  room.on(RoomEvent.DtmfReceived, (_code, digit) => seen.digits.push(digit));
  room.on(RoomEvent.ParticipantAttributesChanged, (changed) => {
    if (changed['sip.callStatus']) seen.statuses.push(changed['sip.callStatus']);
  });
  room.on(RoomEvent.TrackSubscribed, (track) => {
    seen.tracks += 1;
    void readWords(new AudioStream(track, 16_000), seen.words);
  });
  await room.connect(url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  const source = new AudioSource(16_000, 1, 200);
  const bot = {
    seen,
    room,
    caller: (): RemoteParticipant | undefined => [...room.remoteParticipants.values()][0],
    status: () => [...room.remoteParticipants.values()][0]?.attributes['sip.callStatus'],
    async publish() {
      const track = LocalAudioTrack.createAudioTrack('voice', source);
      const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE });
      await room.localParticipant!.publishTrack(track, options);
    },
    async say(text: string, first = 0) {
      const { pcm } = tonesOfText(text, first);
      for (let at = 0; at < pcm.length; at += 320) {
        const frame = pcm.slice(at, at + 320);
        await source.captureFrame(new AudioFrame(frame, 16_000, 1, frame.length));
      }
    },
    ask: async (destinationIdentity: string, method: string, payload: object): Promise<unknown> =>
      JSON.parse(
        await room.localParticipant!.performRpc({ destinationIdentity, method, payload: JSON.stringify(payload) }),
      ),
    leave: () => room.disconnect(),
  };
  bots.push(bot);
  return bot;
}

async function readWords(stream: AudioStream, words: string[]): Promise<void> {
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  for await (const frame of stream) {
    for (const event of decoder.push(frame.data)) if (event.type === 'word') words.push(event.text);
  }
}

const leftOf = (room: string) =>
  webhooksOf(room).then((all) => {
    const left = all.map(({ body }) => body).filter(({ event }) => event === 'participant_left');
    return left.find(({ participant }) => (participant as { kind?: string }).kind === 'SIP');
  });

/** How calls end: at which point, by what, what the phone is told, and LiveKit's reason and the last status of its webhook. */
const endings: [
  name: string,
  stage: 'ringing' | 'active',
  act: (phone: Phone, bot?: Awaited<ReturnType<typeof joinBot>>) => Promise<unknown> | undefined,
  ended: object,
  left: [reason: string, status: string],
  options?: Partial<PhoneOptions>,
][] = [
  [
    'nobody answers it',
    'ringing',
    () => undefined,
    { reason: 'ring_timeout', sip: 486 },
    ['CLIENT_INITIATED', 'ringing'],
    { ringTimeoutMs: 50 },
  ],
  [
    'the caller gives up',
    'ringing',
    (phone) => phone.hangUp(),
    { reason: 'cancelled', sip: 487 },
    ['CLIENT_INITIATED', 'hangup'],
  ],
  [
    'it is removed while it rings',
    'ringing',
    (phone) => api().removeParticipant(phone.room, phone.identity),
    { reason: 'PARTICIPANT_REMOVED', sip: 486 },
    ['PARTICIPANT_REMOVED', 'ringing'],
  ],
  [
    'its room is deleted while it rings',
    'ringing',
    (phone) => api().deleteRoom(phone.room),
    { reason: 'ROOM_DELETED', sip: 486 },
    ['ROOM_DELETED', 'ringing'],
  ],
  [
    'its time is over while it rings',
    'ringing',
    () => undefined,
    { reason: 'max_duration', sip: 486 },
    ['CLIENT_INITIATED', 'hangup'],
    { maxCallMs: 50 },
  ],
  [
    'the caller hangs up',
    'active',
    (phone) => phone.hangUp(),
    { reason: 'hung_up', sip: 'BYE' },
    ['CLIENT_INITIATED', 'hangup'],
  ],
  [
    'it is removed',
    'active',
    (phone) => api().removeParticipant(phone.room, phone.identity),
    { reason: 'PARTICIPANT_REMOVED', sip: 'BYE' },
    ['PARTICIPANT_REMOVED', 'active'],
  ],
  [
    'its room is deleted',
    'active',
    (phone) => api().deleteRoom(phone.room),
    { reason: 'ROOM_DELETED', sip: 'BYE' },
    ['ROOM_DELETED', 'active'],
  ],
  [
    'the room ends it by RPC, with headers for the BYE',
    'active',
    (phone, bot) => bot!.ask(phone.identity, 'lk.sip.EndCall', { headers: { 'X-Why': 'done' } }),
    { reason: 'end_call', sip: 'BYE', headers: { 'X-Why': 'done' } },
    ['CLIENT_INITIATED', 'hangup'],
  ],
  [
    'its time is over, ringing included',
    'active',
    () => undefined,
    { reason: 'max_duration', sip: 'BYE' },
    ['CLIENT_INITIATED', 'hangup'],
    { maxCallMs: 1500 },
  ],
  [
    'its sound is missing too long',
    'active',
    (phone) => phone.stopMedia(),
    { reason: 'media_timeout', sip: 'BYE' },
    ['CLIENT_INITIATED', 'hangup'],
    { mediaTimeoutMs: 50 },
  ],
];

/** What the gateway's refusals sound like to a caller: whether it rings, and the final answer. */
const refused: [RefusalCase, rings: boolean, sip: number | undefined][] = [
  ['unknown_number', true, undefined],
  ['no_credentials', false, 407],
  ['wrong_credentials', false, 401],
  ['srtp_required', true, 400],
  ['no_redis', false, 503],
];

describe('the emulated phone', () => {
  it('rings until an audio track can be subscribed to, then is active', async () => {
    const room = newRoomName();
    const phone = await call(room);
    const bot = await joinBot(room);
    const caller = bot.caller()!;
    expect({ identity: caller.identity, kind: caller.kind, name: caller.name }).toEqual({
      identity: 'sip_+15550199',
      kind: 3,
      name: 'Phone +15550199',
    });
    expect(caller.attributes).toEqual({
      'sip.callStatus': 'ringing',
      'sip.callID': phone.callId,
      'sip.callIDFull': expect.stringMatching(/^[0-9a-f]{24}@127\.0\.0\.1$/),
      'sip.callTag': expect.stringMatching(/^[0-9a-f]{12}$/),
      'sip.phoneNumber': '+15550199',
      'sip.trunkPhoneNumber': '+15550100',
      'sip.hostname': '127.0.0.1',
      'sip.trunkID': 'ST_emulated',
      'sip.ruleID': 'SDR_emulated',
    });
    const { tracks } = await api().getParticipant(room, caller.identity);
    expect(tracks).toMatchObject([{ name: 'sip_+15550199', source: ServerTrackSource.MICROPHONE }]);
    expect(phone.events().map(({ type }) => type)).toEqual(['ringing']);
    await bot.publish();
    const [answered, active] = [await phone.when('answered'), await phone.when('active')];
    expect(active.atMs - answered.atMs).toBeGreaterThanOrEqual(10);
    await eventually(() => bot.seen.statuses).toEqual(['active']);
    expect(phone.events().map(({ type }) => type)).toEqual(['ringing', 'voice.joined', 'answered', 'active']);
  });

  it('hears the words of an agent and is heard by it, through the telephone band', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room);
    await phone.when('active');
    await bot.say('Hotel Lindau, how can I help?', 7);
    await phone.when('heard.word', ({ text }) => text === 'help?');
    expect(phone.heard().map(({ number, text }) => `${number} ${text}`)).toEqual([
      '7 Hotel',
      '8 Lindau,',
      '9 how',
      '10 can',
      '11 I',
      '12 help?',
    ]);
    const spoken = await phone.sayWords('Zimmer für zwei, пожалуйста');
    await eventually(() => bot.seen.words).toEqual(['Zimmer', 'für', 'zwei,', 'пожалуйста']);
    expect(spoken.cut).toBe(false);
    expect(spoken.words.map(({ text }) => text)).toEqual(['Zimmer', 'für', 'zwei,', 'пожалуйста']);
    const { pcm, frameMs } = await phone.recording();
    expect(pcm.length).toBe(frameMs.length * 320);
    expect(pcm.some((sample) => sample > 4000)).toBe(true);
  });

  it('sends and receives keys', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room);
    await phone.when('active');
    await phone.sendDigits('15*#');
    await eventually(() => bot.seen.digits.join('')).toBe('15*#');
    await bot.room.localParticipant!.publishDtmf(4, '4');
    await bot.room.localParticipant!.publishDtmf(2, '2');
    const second = await phone.when('digit.heard', ({ digit }) => digit === '2');
    const first = await phone.when('digit.heard', ({ digit }) => digit === '4');
    expect(second.atMs - first.atMs).toBeGreaterThan(400);
  });

  it.each(endings)(
    'ends as livekit-sip does when %s',
    { timeout: 40_000 },
    async (_, stage, act, ended, [reason, status], options) => {
      const room = newRoomName();
      const bot = stage === 'active' ? await joinBot(room) : undefined;
      await bot?.publish();
      const phone = await call(room, options);
      // The server passes on the newest state only: two changes at once are one to the others.
      if (bot) await eventually(() => bot.status()).toBe('active');
      await act(phone, bot);
      const { atMs: _atMs, ...end } = await phone.when('ended');
      expect(end).toEqual({ type: 'ended', ...ended });
      await eventually(() => leftOf(room)).toMatchObject({
        participant: { disconnectReason: reason, attributes: { 'sip.callStatus': status } },
      });
    },
  );

  it.each(refused)('is turned away: %s', async (refuse, rings, sip) => {
    const room = newRoomName();
    const phone = await call(room, { refuse });
    if (sip === undefined) await phone.hangUp();
    const { type, reason, sip: told } = await phone.when('ended');
    expect([type, reason, told]).toEqual(['ended', ...(sip ? ['refused', sip] : ['cancelled', 'nothing'])]);
    expect(phone.events().map((event) => event.type)).toEqual([...(rings ? ['ringing'] : []), 'ended']);
    expect(await webhooksOf(room)).toEqual([]);
  });

  it('names the refusals there are', async () => {
    await expect(call(newRoomName(), { refuse: 'no_mood' as RefusalCase })).rejects.toThrow(
      'refuse: got "no_mood", allowed are unknown_number, no_credentials',
    );
  });

  it('tells the room what its INVITE said, all of it or what is asked for', async () => {
    const room = newRoomName();
    const phone = await call(room, { headers: { 'X-Customer': '4711', 'X-Other': 'b' } });
    const bot = await joinBot(room);
    const headers = (payload: object) => bot.ask(phone.identity, 'lk.sip.GetRemoteHeaders', payload);
    const [all, some, none] = await Promise.all([
      headers({}),
      headers({ include: ['x-customer'] }),
      headers({ include: ['x-customer'], exclude: ['X-CUSTOMER'] }),
    ]);
    expect(all).toEqual({
      headers: {
        From: expect.stringContaining('<sip:+15550199@'),
        To: expect.stringContaining('<sip:+15550100@'),
        'Call-ID': bot.caller()!.attributes['sip.callIDFull'],
        'X-Customer': '4711',
        'X-Other': 'b',
      },
    });
    expect([some, none]).toEqual([{ headers: { 'X-Customer': '4711' } }, { headers: {} }]);
    await phone.hangUp();
  });

  it('is thrown out by a second call of its number into its room, which is answered at once', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const first = await call(room);
    await first.when('active');
    const second = await call(room);
    expect(await first.when('ended')).toMatchObject({ reason: 'DUPLICATE_IDENTITY', sip: 'BYE' });
    await second.when('active');
    await eventually(() => bot.caller()?.attributes['sip.callID']).toBe(second.callId);
    await second.hangUp();
  });

  it('stays in its call when the agent leaves', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room);
    await phone.when('active');
    await bot.leave();
    await phone.when('voice.left');
    const [leg] = await api().listParticipants(room);
    expect(leg).toMatchObject({ identity: phone.identity, attributes: { 'sip.callStatus': 'active' } });
    await phone.hangUp();
    expect(await phone.when('ended')).toMatchObject({ reason: 'hung_up', sip: 'BYE' });
  });

  it('goes on when its sound was missing and came back in time', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room, { mediaTimeoutMs: 400 });
    await phone.when('active');
    await phone.stopMedia();
    await phone.resumeMedia();
    await phone.sayWords('still here after a while');
    await eventually(() => bot.seen.words.at(-1)).toBe('while');
    expect(phone.events().some(({ type }) => type === 'ended')).toBe(false);
  });

  it('comes back with the same call after its network failed', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room);
    await phone.when('active');
    await eventually(() => bot.status()).toBe('active');
    const before = bot.caller()!.sid;
    await phone.dropLine('full');
    await phone.when('line.reconnected');
    await eventually(() => bot.caller()?.attributes['sip.callID']).toBe(phone.callId);
    await eventually(() => bot.caller()?.sid).not.toBe(before);
    await eventually(() => bot.status()).toBe('active');
    await bot.say('hello again', 20);
    await phone.when('heard.word', ({ text }) => text === 'again');
  });

  it('falls silent when hushed and tells what was said', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const phone = await call(room);
    await phone.when('active');
    const speaking = phone.sayWords('one two three four five six seven eight nine ten');
    await eventually(() => bot.seen.words.length).toBeGreaterThan(2);
    await phone.hush();
    const spoken = await speaking;
    expect(spoken.cut).toBe(true);
    await phone.sayWords('stop');
    await eventually(() => bot.seen.words.at(-1)).toBe('stop');
    const before = bot.seen.words.slice(0, -1);
    expect(Math.abs(before.length - spoken.words.length)).toBeLessThanOrEqual(1);
    expect(before.length).toBeLessThan(10);
  });

  it('hides its number where the rule says so', async () => {
    const room = newRoomName();
    const phone = await call(room, { hidePhoneNumber: true, attributes: { tenant: 'lindau' }, metadata: '{"a":1}' });
    const [leg] = await api().listParticipants(room);
    expect(phone.identity).toMatch(/^sip_[0-9a-f]{16}$/);
    expect(leg).toMatchObject({ identity: phone.identity, name: 'Phone 0199', metadata: '{"a":1}' });
    expect(leg!.attributes).toMatchObject({ tenant: 'lindau', 'sip.callID': phone.callId });
    expect(Object.keys(leg!.attributes)).not.toContain('sip.phoneNumber');
    await phone.hangUp();
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'leaves its room when the program that holds it ends by %s',
    async (signal) => {
      const room = newRoomName();
      const holder = spawn(process.execPath, [
        join(import.meta.dirname, 'fixtures/phone-holder.ts'),
        JSON.stringify(optionsFor(room)),
      ]);
      const [pid] = (await once(holder.stdout, 'data')) as [Buffer];
      holder.kill(signal);
      await eventually(() => leftOf(room)).toMatchObject({ participant: { disconnectReason: 'CLIENT_INITIATED' } });
      await eventually(() => existsSync(`/proc/${Number(pid.toString())}/exe`)).toBe(false);
    },
  );

  it('ends for its owner when its process dies', async () => {
    const own = await startPhoneProcess();
    const phone = await own.createPhone(optionsFor(newRoomName()));
    process.kill(own.pid, 'SIGKILL');
    expect(await phone.when('ended')).toMatchObject({ reason: 'lost' });
    await expect(phone.hangUp()).rejects.toThrow('the process of the phones has ended');
    await own.close();
  });

  it('is dialled, speaks, types and hangs up by HTTP', async () => {
    const room = newRoomName();
    const bot = await joinBot(room);
    await bot.publish();
    const { livekitUrl, apiKey, apiSecret } = optionsFor(room);
    const control = await openPhoneControl({ livekit: { livekitUrl, apiKey, apiSecret }, phones });
    const post = (path: string, body: object) =>
      fetch(control.url + path, { method: 'POST', body: JSON.stringify(body) }).then((answer) => answer.json());
    expect(await post('/dial', { room, from: '+15550111' })).toMatchObject({ call: 1, identity: 'sip_+15550111' });
    // A word said before the bot listens is lost.
    await eventually(() => [bot.seen.tracks, bot.status()]).toEqual([1, 'active']);
    expect(await post('/say', { text: 'one two' })).toMatchObject({
      cut: false,
      words: [{ text: 'one' }, { text: 'two' }],
    });
    await post('/keys', { keys: '4#' });
    await eventually(() => [bot.seen.words.join(' '), bot.seen.digits.join('')]).toEqual(['one two', '4#']);
    await post('/hang_up', {});
    const ended = await fetch(`${control.url}/journal?type=ended`);
    expect(await ended.json()).toMatchObject([{ call: 1, reason: 'hung_up', sip: 'BYE' }]);
    await control.close();
  });

  it('cannot call a server that is not there, or with a key that is refused', async () => {
    await expect(call(newRoomName(), { livekitUrl: 'ws://127.0.0.1:9' })).rejects.toThrow();
    await expect(call(newRoomName(), { apiSecret: 'wrong' })).rejects.toThrow('401');
  });
});
