import { AccessToken } from 'livekit-server-sdk';
import { createHash, randomBytes } from 'node:crypto';
import type { Emulators } from '../../emulators/all.ts';
import { createToneDecoder, encodeWord } from '../../emulators/tones/codec.ts';
import { inProcessRecorder } from '../../src/adapters/in-process/no-recorder.ts';
import { inProcessTelephones } from '../../src/adapters/in-process/no-telephones.ts';
import { createInProcessRoom, type CallerEnd, type InProcessRoom } from '../../src/adapters/in-process/room.ts';
import { systemClock } from '../../src/clock.ts';
import { createLogger } from '../../src/runtime/log.ts';
import type { Lines } from '../../src/wiring/call-lines.ts';
import { openProbes } from '../../src/wiring/probes.ts';
import { openPosture } from '../../src/wiring/care.ts';
import { openDoors } from '../../src/wiring/doors.ts';
import { openInstance } from '../../src/wiring/instance.ts';
import { readStart } from '../../src/wiring/start.ts';
import type { InstanceAccess } from '../stack/access.ts';
import type { DemoPhone } from './caller.ts';
import { dialled, type World } from './world-shape.ts';

/** The demo where no livekit-server can be had: rooms without a network, everything else as ever. */
export async function openInProcessWorld(
  settings: Readonly<Record<string, string>>,
  emulators: Emulators,
  access: InstanceAccess,
): Promise<World> {
  const secret = randomBytes(32).toString('hex');
  const reading = await readStart({
    ...settings,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'in-process',
    LIVEKIT_API_SECRET: secret,
    WEBHOOK_ADDR: '127.0.0.1:0',
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const rooms = new Map<string, InProcessRoom>();
  const room = (name: string): InProcessRoom => {
    const open = rooms.get(name) ?? createInProcessRoom({ clock: systemClock });
    rooms.set(name, open);
    return open;
  };
  const lines: Lines = {
    open: ({ room: name, callerKey }) => ({
      ...room(name),
      ...inProcessTelephones,
      leg: { room: name, callerKey },
      close: async () => void rooms.delete(name),
    }),
    // Nobody comes here by a token.
    participants: { remove: () => Promise.resolve(undefined) },
    egress: inProcessRecorder,
    close: () => Promise.resolve(),
  };
  const log = createLogger({ level: 'silent' });
  const parts = { ...reading, posture: openPosture(log), clock: systemClock, log };
  const instance = await openInstance({ ...parts, lines, probes: await openProbes({ ...parts, lines }) });
  const doors = await openDoors({ ...parts, instance });
  return {
    kind: 'in-process',
    api: doors.api.url,
    access,
    emulators,
    async dial(name, from) {
      const callId = `SCL_${randomBytes(6).toString('hex')}`;
      const identity = `sip_${from}`;
      const phone = inProcessPhone(room(name).call({ identity, callId, phone: from, trunkPhone: dialled }));
      await tellDoor(doors.webhooks.url, secret, joinedBody(name, identity, callId, from));
      return phone;
    },
    async close() {
      await instance.close();
      await doors.close({ graceMs: 200 });
    },
  };
}

const joinedBody = (room: string, identity: string, callId: string, from: string) => ({
  event: 'participant_joined',
  id: `EV_${randomBytes(6).toString('hex')}`,
  createdAt: String(Math.floor(Date.now() / 1000)),
  room: { name: room, sid: 'RM_local' },
  participant: {
    identity,
    sid: `PA_${callId}`,
    kind: 'SIP',
    state: 'ACTIVE',
    attributes: {
      'sip.callID': callId,
      'sip.callStatus': 'ringing',
      'sip.phoneNumber': from,
      'sip.trunkPhoneNumber': dialled,
    },
  },
});

/** The door is the real one, so it is knocked at as a server would: signed. */
async function tellDoor(url: string, secret: string, event: object): Promise<void> {
  const body = JSON.stringify(event);
  const token = new AccessToken('in-process', secret, { ttl: 300 });
  token.sha256 = createHash('sha256').update(body).digest('base64');
  const headers = { authorization: await token.toJwt(), 'content-type': 'application/webhook+json' };
  const answer = await fetch(`${url}/webhooks/livekit`, { method: 'POST', body, headers });
  if (answer.status !== 200) throw new Error(`the webhook was answered ${answer.status}`);
}

function inProcessPhone(end: CallerEnd): DemoPhone {
  const joinedMs = Date.now();
  const decoder = createToneDecoder({ sampleRateHz: 16_000 });
  const words: { number: number; text: string; startMs: number; endMs: number }[] = [];
  const ended = Promise.withResolvers<string>();
  let said = 0;
  end.hear((frame) => {
    for (const event of decoder.push(frame)) {
      if (event.type !== 'word') continue;
      const endMs = Date.now();
      words.push({
        number: event.number,
        text: event.text,
        endMs,
        startMs: endMs - (event.endSample - event.startSample) / 16,
      });
    }
  });
  const presence = setInterval(() => {
    if (end.isPresent()) return;
    clearInterval(presence);
    ended.resolve('ROOM_DELETED');
  }, 50);
  setTimeout(() => end.answer(), 150);
  return {
    joinedMs,
    async say(text) {
      const pcm = joined(text.split(/\s+/).map((word) => encodeWord(word, said++)));
      end.speak(pcm);
      await wait(pcm.length / 16);
      return { endMs: Date.now() };
    },
    async digits(keys) {
      for (const key of keys) {
        end.digit(key);
        await wait(250);
      }
    },
    heard: () => words,
    async hears(text, afterMs, withinMs = 25_000) {
      const until = Date.now() + withinMs;
      while (Date.now() < until) {
        const found = words.find((word) => text.test(word.text) && word.startMs > afterMs);
        if (found) return found;
        await wait(20);
      }
      throw new Error(
        `the phone did not hear ${text} within ${withinMs} ms; heard last: ${words
          .slice(-8)
          .map((word) => word.text)
          .join(' ')}`,
      );
    },
    ended: ended.promise,
    hangUp: async () => end.hangUp(),
  };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function joined(pieces: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
