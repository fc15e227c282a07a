import { createActor } from 'xstate';
import { playClip } from '../../src/actors/play-clip.ts';
import { agentTools, runTools } from '../../src/actors/run-tools.ts';
import { speak } from '../../src/actors/speak.ts';
import { think } from '../../src/actors/think.ts';
import { createMediaPath } from '../../src/adapters/in-process/media.ts';
import { createPacedPlayer } from '../../src/adapters/line/paced-player.ts';
import type { Tool } from '../../src/agent.ts';
import { frameMs } from '../../src/audio/pcm.ts';
import { freshContext } from '../../src/machines/call/context.ts';
import { questionFor } from '../../src/machines/call/question.ts';
import { createReply } from '../../src/machines/reply/reply.machine.ts';
import { hotel } from './call-harness.ts';
import { wordsIn } from './contracts/spoken.ts';
import { createFakeModel, type FakeModelOptions } from './fakes/fake-model.ts';
import { createFakeVoice, type FakeVoiceOptions } from './fakes/fake-voice.ts';
import { committedAtOnce } from './tool-bench.ts';
import { createVirtualClock } from './virtual-clock.ts';

export interface ReplyBenchOptions {
  readonly model: Omit<FakeModelOptions, 'clock'>;
  /** The second of the agent's list; left out: there is one. */
  readonly backup?: Omit<FakeModelOptions, 'clock'>;
  readonly voice?: Omit<FakeVoiceOptions, 'clock'>;
  readonly secondVoice?: Omit<FakeVoiceOptions, 'clock'>;
  readonly tools?: Readonly<Record<string, Tool>>;
  /** So long the turn is only probable: what is ready is held back. */
  readonly tentativeMs?: number;
}

/** One confirmed reply with its real actors and the real player, over a fake model and voice; what the caller hears is measured. */
export function openReply({ model, backup, voice = {}, secondVoice, tools = {}, tentativeMs = 0 }: ReplyBenchOptions) {
  const clock = createVirtualClock();
  const thinkers = [model, ...(backup ? [backup] : [])].map((each) => createFakeModel({ clock, ...each }));
  const models = thinkers.map((_, index) => `model/${index}`);
  const speakers = [voice, ...(secondVoice ? [secondVoice] : [])].map((each) => createFakeVoice({ clock, ...each }));
  const voices = speakers.map((_, index) => `voice/${index}`);
  const paced = createPacedPlayer({ clock });
  const { player } = paced;
  const heard: boolean[] = [];
  const frames: Int16Array[] = [];
  const toCaller = (frame: Int16Array) => {
    frames.push(frame);
    heard.push(frame.some((sample) => sample !== 0));
  };
  const media = createMediaPath({ clock, transitMs: 0, toCaller, toAgent: () => undefined });
  const clips: string[] = [];
  const clip = (text: string) => {
    clips.push(text);
    return { text, pcm: new Int16Array(8000).fill(1000), words: [] };
  };
  const machine = createReply({
    think: think({ find: (name) => thinkers[models.indexOf(name)]! }, () => ({ instructions: '', tools: [] }), clock),
    speak: speak({ find: (name) => speakers[voices.indexOf(name)]! }, player, clock),
    runTools: runTools(agentTools({ tools }), clock, committedAtOnce),
    playClip: playClip({ find: clip }, player, clock),
  });
  const input = {
    callKey: 'room~SCL_1',
    room: 'room',
    epoch: 1,
    agent: { ...hotel, models, voices, disclosure: '' },
    now: 0,
  };
  const reply = createActor(machine, {
    clock,
    input: questionFor({ ...freshContext(input), turn: 1, callerTurn: 1, ask: 'answer' }),
  });
  const words: string[] = [];
  let isFinished = false;
  const finished = () => isFinished;
  player.subscribe((fact) => {
    if (fact.type === 'playback.starved') reply.send({ type: 'reply.starved' });
    if (fact.type === 'playback.heard') words.push(...fact.words);
    if (fact.type === 'playback.finished') isFinished = true;
  });
  paced.attach(media.sink);
  media.start();
  player.open(1, { held: true });
  reply.start();
  const confirm = () => {
    reply.send({ type: 'reply.confirm' });
    player.resume(1, 'sample');
  };
  if (tentativeMs > 0) clock.setTimeout(confirm, tentativeMs);
  else confirm();
  return {
    clock,
    clips,
    /** What each model was asked, in order. */
    asked: thinkers.map(({ requests }) => requests),
    said: () => speakers.flatMap(({ said }) => said.map(({ text }) => text)).join(' '),
    /** What the caller heard, and how a player tells it. */
    heard: () => words.join(' '),
    /** What the sound at the ear says, where voices speak tones; `~` is a word that was cut. */
    wordsAtEar: () => wordsIn(frames),
    /** Time passes until all was heard, at most so long; the sound stops there. */
    async plays(mostMs = 60_000): Promise<void> {
      // oxlint-disable-next-line no-await-in-loop
      for (let ms = 0; ms < mostMs && !finished(); ms += 100) await clock.advance(100);
      media.stop();
    },
    finished,
    /** Silences at the ear in ms, in order; the first is until anything is heard. */
    silences: () => runs(heard).map((frames) => frames * frameMs),
  };
}

/** Lengths of the runs of silence. */
const runs = (heard: readonly boolean[]): number[] =>
  heard
    .map((sound) => (sound ? '|' : '.'))
    .join('')
    .split(/\|+/)
    .map((each) => each.length);
