/**
 * One session of LiveKit Agents JS, its caller's mouth and ear in this process. Told by IPC: `{ say: text }`. Tells
 * `{ type: 'ready' | 'said' | 'sound.began' | 'sound.ended' | 'heard.word' | 'state' | 'closed' | 'error', atMs, … }`.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { initializeLogger, llm, voice } from '@livekit/agents';
import { TTS } from '@livekit/agents-plugin-cartesia';
import { STT, STTv2 } from '@livekit/agents-plugin-deepgram';
import { LLM } from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';
import { z } from 'zod';
import { createEar } from '../../../emulators/phone/ear.ts';
import { tonesOfText } from '../../../emulators/phone/words.ts';
import { createDownsampler } from '../../../src/audio/resample.ts';

const rateHz = 16_000;
const frameMs = 20;
const frameSamples = (rateHz * frameMs) / 1000;
const silence = new Int16Array(frameSamples);
const env = process.env;
const tell = (type, more = {}) => process.send({ atMs: Date.now(), ...more, type });

/** The caller's voice: 20 ms every 20 ms, whatever the session makes of it. */
class Mouth extends voice.AudioInput {
  pcm = [];
  #write;
  constructor() {
    super();
    const { readable, writable } = new TransformStream();
    this.#write = writable.getWriter();
    this.multiStream.addInputStream(readable);
  }
  say(text) {
    const { pcm } = tonesOfText(text, 0);
    for (let at = 0; at < pcm.length; at += frameSamples) {
      const frame = new Int16Array(frameSamples);
      frame.set(pcm.subarray(at, at + frameSamples));
      this.pcm.push(frame);
    }
    this.pcm.push('said');
  }
  tick() {
    let next = this.pcm.shift() ?? silence;
    if (next === 'said') {
      tell('said');
      next = this.pcm.shift() ?? silence;
    }
    void this.#write.write(new AudioFrame(next.slice(), rateHz, 1, frameSamples)).catch(() => undefined);
  }
}

/** The caller's ear: plays in real time what the session wants heard, and tells the session what was. */
class Ear extends voice.AudioOutput {
  queue = [];
  #ear = createEar((event) => tell(event.type, event), -50);
  #down = createDownsampler();
  #left = new Int16Array(0);
  #open = false;
  #ends = false;
  #played = 0;
  constructor() {
    super(rateHz, undefined, { pause: false });
  }
  async captureFrame(frame) {
    await super.captureFrame(frame);
    const all = new Int16Array(this.#left.length + frame.data.length);
    all.set(this.#left);
    all.set(frame.data, this.#left.length);
    const whole = all.length - (all.length % frameSamples);
    for (let at = 0; at < whole; at += frameSamples) this.queue.push(all.slice(at, at + frameSamples));
    this.#left = all.slice(whole);
    this.#ends = false;
  }
  flush() {
    super.flush();
    this.#ends = true;
  }
  clearBuffer() {
    this.queue = [];
    this.#left = new Int16Array(0);
    this.#finish(true);
  }
  #finish(interrupted) {
    if (!this.#open && this.pendingPlayoutSegments === 0) return;
    this.onPlaybackFinished({ playbackPosition: (this.#played * frameMs) / 1000, interrupted });
    this.#open = this.#ends = false;
    this.#played = 0;
  }
  tick() {
    const next = this.queue.shift();
    if (next && !this.#open) {
      this.#open = true;
      this.onPlaybackStarted(Date.now());
    }
    if (next) this.#played += 1;
    this.#ear.hear(this.#down.push(next ?? silence), Date.now());
    if (!next && this.#ends) this.#finish(false);
  }
}

const transcriber = () =>
  env.PEER_EARS === 'flux'
    ? new STTv2({
        apiKey: env.DEEPGRAM_API_KEY,
        endpointUrl: `${env.DEEPGRAM_WS_URL}/v2/listen`,
        model: 'flux-general-en',
      })
    : new STT({ apiKey: env.DEEPGRAM_API_KEY, baseUrl: env.DEEPGRAM_WS_URL, model: 'nova-3' });

const tools = {
  look: llm.tool({
    description: 'Looks.',
    parameters: z.object({}),
    execute: () => new Promise(() => undefined),
  }),
};

initializeLogger({ pretty: false, level: 'silent' });
for (const signal of ['unhandledRejection', 'uncaughtException'])
  process.on(signal, (error) => tell('error', { message: String(error).slice(0, 200) }));

const session = new voice.AgentSession({
  stt: transcriber(),
  llm: new LLM({ model: 'gpt-5.4-mini', apiKey: env.OPENAI_API_KEY, baseURL: env.OPENAI_BASE_URL }),
  tts: new TTS({ apiKey: env.CARTESIA_API_KEY, baseUrl: env.CARTESIA_BASE_URL, sampleRate: rateHz }),
  vad: null,
  turnDetection: 'stt',
});
const { AgentStateChanged, UserStateChanged, Close, Error: Failed } = voice.AgentSessionEventTypes;
session.on(AgentStateChanged, ({ newState }) => tell('state', { who: 'agent', state: newState }));
session.on(UserStateChanged, ({ newState }) => tell('state', { who: 'caller', state: newState }));
session.on(Failed, ({ error }) => tell('error', { message: String(error?.error ?? error).slice(0, 200) }));
session.on(Close, ({ reason }) => tell('closed', { reason: String(reason) }));

const mouth = new Mouth();
const ear = new Ear();
session.input.audio = mouth;
session.output.audio = ear;
await session.start({
  agent: new voice.Agent({ instructions: 'You answer for Hotel Lindau. Short sentences.', tools }),
  record: false,
});
process.on('message', ({ say }) => mouth.say(say));
process.on('disconnect', () => process.exit(0));
tell('ready');
for (let due = Date.now(); ; due += frameMs) {
  mouth.tick();
  ear.tick();
  await pause(Math.max(0, due + frameMs - Date.now()));
}
