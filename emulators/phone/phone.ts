import { readFile } from 'node:fs/promises';
import { RoomServiceClient } from 'livekit-server-sdk';
import { loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { decodeMulaw, encodeMulaw } from '../../src/audio/mulaw.ts';
import { readWav, type Sound } from '../../src/audio/wav.ts';
import { systemClock, type TimerId } from '../../src/clock.ts';
import { createEventBook } from './event-book.ts';
import { remoteHeaders, type Headers } from './invite.ts';
import { createKeyQueue } from './key-queue.ts';
import { createMicrophone, joinLeg, type Leg, type LegHooks } from './leg.ts';
import { refusalOf, sipEndOf, type Refusal } from './refusal.ts';
import { createSipParticipant, roleParticipant, type CallStatus } from './sip-participant.ts';
import { createSoundPath } from './sound-path.ts';
import { lineRateHz, throughTelephone } from './telephone-band.ts';
import type { EndReason, LeaveReason, Phone, PhoneEvent, PhoneOptions, PhoneParts } from './types.ts';
import { tonesOfText } from './words.ts';

/** From the gateway's 200 until it tells the room: it waits for the caller's first sound. */
const answerToActiveMs = 12;
/** A server that hangs must not hold up the end of a call. */
const apiLimitSeconds = 3;
const rejoinEveryMs = 1000;
const rejoinLimitMs = 150_000;
/** After these the leg tries to come back; every other reason is an end. */
const transient = new Set(['UNKNOWN_REASON', 'SIGNAL_CLOSE', 'CONNECTION_TIMEOUT', 'STATE_MISMATCH', 'JOIN_FAILURE']);

type Stage = 'joining' | 'ringing' | 'answered' | 'ended';
type Fact = PhoneEvent extends infer E ? (E extends PhoneEvent ? Omit<E, 'atMs'> : never) : never;

/**
 * Calls: joins the room as livekit-sip's leg would, and rings until an audio track of somebody can be subscribed to.
 * Resolves when it rings (refused: when it has dialled); rejects when it cannot join. rtc-node serves one caller of it in a process: a bot that is in the same
 * process hears nothing, so use `startPhoneProcess` beside one.
 */
export async function createPhone(options: PhoneOptions, parts: PhoneParts = {}): Promise<Phone> {
  const { clock = systemClock } = parts;
  const refusal = refusalOf(options.refuse);
  const rtc = await loadRtc();
  const book = createEventBook();
  if (parts.onEvent) book.view.onEvent(parts.onEvent);
  const note = (fact: Fact): void => book.note({ atMs: clock.now(), ...fact } as PhoneEvent);

  const { as } = options;
  const participant = as ? roleParticipant(options, as) : createSipParticipant(options);
  const { identity, callId } = participant;
  const api = new RoomServiceClient(options.livekitUrl.replace(/^ws/, 'http'), options.apiKey, options.apiSecret, {
    requestTimeout: apiLimitSeconds,
  });
  const microphone = createMicrophone(rtc);
  const sound = createSoundPath(options, { clock, sink: microphone, note });
  const timers = new Set<TimerId>();
  let stage: Stage = 'joining';
  let told: Readonly<Record<string, string>> = {};
  let sid = '';
  let leg: Leg | undefined;
  let mediaTimer: TimerId;
  let nextWord = 0;
  const keys = createKeyQueue(() => clock.now());
  let ending: Promise<void> | undefined;

  function later(delayMs: number, run: () => void): TimerId {
    const timer = clock.setTimeout(() => {
      timers.delete(timer);
      if (stage !== 'ended') run();
    }, delayMs);
    timers.add(timer);
    return timer;
  }

  const hooks: LegHooks = {
    voiceJoined(voice, frames) {
      note({ type: 'voice.joined', ...voice });
      // The stream of a track that went away may fail instead of ending: then this voice is over, too.
      sound.follow(frames).catch(() => {});
      if (!as && (stage === 'joining' || stage === 'ringing')) answer();
    },
    voiceLeft: (voice) => note({ type: 'voice.left', ...voice }),
    digit(digit, from) {
      const delayMs = keys.place();
      if (delayMs === undefined) note({ type: 'digit.lost', digit, identity: from });
      else later(delayMs, () => note({ type: 'digit.heard', digit, identity: from }));
    },
    endCall: (headers) => void end('end_call', true, headers),
    remoteHeaders: (payload) => remoteHeaders(participant.headers, payload),
    reconnecting: () => note({ type: 'line.reconnecting' }),
    reconnected() {
      note({ type: 'line.reconnected' });
      // A leg that joins anew does so with the token it has, which may still say that it rings.
      if (Object.keys(told).length > 0) tell(told).catch(() => {});
    },
    disconnected(reason) {
      leg = undefined;
      if (stage !== 'ended' && transient.has(reason)) void comeBack();
      else void end(reason as Uppercase<string>, false);
    },
  };

  const isOver = (): boolean => stage === 'ended';

  async function join(): Promise<void> {
    const token = await participant.token(told);
    const source = as?.kind === 'egress' ? undefined : microphone.source;
    const joined = await joinLeg({ rtc, url: options.livekitUrl, token, identity, source, hooks });
    sid ||= joined.sid;
    if (isOver()) await joined.leave();
    else leg = joined;
  }

  function ring(): void {
    if (stage !== 'joining') return;
    stage = 'ringing';
    note({ type: 'ringing' });
    later(options.ringTimeoutMs ?? 180_000, () => stage === 'ringing' && void end('ring_timeout', false));
  }

  function lift(): void {
    stage = 'answered';
    note({ type: 'answered' });
    sound.lift();
    if (as?.kind !== 'egress') sound.mouth.open();
  }

  function answer(): void {
    ring();
    lift();
    later(answerToActiveMs, () => {
      // A room that is just going away needs no status.
      tell(statusIs('active')).then(
        () => note({ type: 'active' }),
        () => {},
      );
    });
  }

  async function tell(attributes: Readonly<Record<string, string>>): Promise<void> {
    told = { ...told, ...attributes };
    await api.updateParticipant(options.room, identity, { attributes });
  }

  async function comeBack(): Promise<void> {
    note({ type: 'line.reconnecting' });
    const untilMs = clock.now() + rejoinLimitMs;
    while (!isOver() && clock.now() < untilMs) {
      try {
        await join();
        if (!isOver()) note({ type: 'line.reconnected' });
        return;
      } catch {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, rejoinEveryMs));
      }
    }
    await end('lost', false);
  }

  /** Once; every later call waits for the first. `status` of a leg that was never answered stays `ringing` unless told. */
  function end(reason: EndReason, tellHangup: boolean, headers?: Headers, leaveAs?: LeaveReason): Promise<void> {
    ending ??= finish(reason, tellHangup, headers, leaveAs);
    return ending;
  }

  async function finish(reason: EndReason, tellHangup: boolean, headers?: Headers, leaveAs?: LeaveReason) {
    const sip = sipEndOf(reason, stage === 'answered', refusal);
    stage = 'ended';
    for (const timer of timers) clock.clearTimeout(timer);
    const silent = sound.mouth.shut();
    // What cannot be told or left any more is gone already.
    if (tellHangup && leg && (as?.kind ?? 'sip') === 'sip') await tell(statusIs('hangup')).catch(() => {});
    await leg?.leave(leaveAs).catch(() => {});
    await silent;
    await microphone.source.close().catch(() => {});
    note({ type: 'ended', reason, sip, ...(headers ? { headers } : {}) });
  }

  const say = (pcm: Int16Array) => sound.mouth.say(throughTelephone(pcm));

  async function arrive(): Promise<void> {
    try {
      await join();
    } catch (error) {
      stage = 'ended';
      await microphone.source.close();
      throw error;
    }
    if (!as) ring();
    else if (as.kind !== 'sip') lift();
    // Opens the way to the API, so that `active` is told in time.
    api.getParticipant(options.room, identity).catch(() => {});
    if (options.maxCallMs !== undefined) later(options.maxCallMs, () => void end('max_duration', true));
  }

  function beRefused({ rings, answer }: Refusal): void {
    if (rings) note({ type: 'ringing' });
    if (answer) later(answer.afterMs, () => void end('refused', false));
  }

  if (refusal) beRefused(refusal);
  else await arrive();

  return {
    ...book.view,
    identity,
    sid,
    callId,
    room: options.room,
    speak: say,
    async sayWords(text, tone) {
      const { pcm, words } = tonesOfText(text, nextWord, tone);
      nextWord = (nextWord + words.length) % 65_536;
      const spoken = await say(pcm);
      const msOf = (sample: number) => spoken.startMs + sample / 16;
      const whole = words.filter(({ endSample }) => endSample / 16 <= spoken.saidMs);
      const placed = whole.map(({ number, text, startSample, endSample }) => {
        return { number, text, startMs: msOf(startSample), endMs: msOf(endSample) };
      });
      return { ...spoken, words: placed };
    },
    playWav: async (path) => sound.mouth.say(onTheLine(readWav(await readFile(path)))),
    async hush() {
      sound.mouth.hush();
    },
    async sendDigits(digits, { gapMs = 160 } = {}) {
      for (const digit of digits) {
        if (!leg) return;
        await leg.sendDigit(digit);
        await new Promise<void>((resolve) => clock.setTimeout(resolve, gapMs));
      }
    },
    hangUp: () => (stage === 'answered' ? end('hung_up', true) : end('cancelled', true)),
    tell,
    async pickUp() {
      if (stage === 'joining') lift();
    },
    leave: (reason) => end(reason, false, undefined, reason),
    async hearKey(digit) {
      note({ type: 'digit.heard', digit, identity });
    },
    async stopMedia() {
      sound.mouth.close();
      mediaTimer = later(options.mediaTimeoutMs ?? 15_000, () => void end('media_timeout', true));
    },
    async resumeMedia() {
      clock.clearTimeout(mediaTimer);
      if (stage === 'answered') sound.mouth.open();
    },
    async dropLine(drop) {
      await leg?.drop(drop);
    },
    recording: async () => sound.recording(),
  };
}

const statusIs = (status: CallStatus) => ({ 'sip.callStatus': status });

function onTheLine({ pcm, sampleRateHz }: Sound): Int16Array {
  if (sampleRateHz === 16_000) return throughTelephone(pcm);
  if (sampleRateHz === lineRateHz) return decodeMulaw(encodeMulaw(pcm));
  throw new Error(`a phone plays WAV files of 8000 or 16000 Hz; this has ${sampleRateHz}`);
}
