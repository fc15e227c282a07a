import type { PlacedWord, Player, PlayerFact, ResumePoint } from '../../actors/player.ts';
import { frameMs, frameSamples, levelDb, msOf, samplesOf } from '../../audio/pcm.ts';
import { createPlayout, type Playout } from '../../audio/playout.ts';
import type { Clock, TimerId } from '../../clock.ts';
import type { AudioSink } from './sink.ts';

const maxTurnMs = 180_000;
const heardEveryMs = 200;
const levelWindowMs = 60;
const blockSamples = samplesOf(10);

export interface PacedPlayerOptions {
  readonly clock: Clock;
  /** From a sample leaving our queue to the caller's ear. Words count as heard that much later. Default 60. */
  readonly transitMs?: number;
  /** How much may wait in the sink. Default 60: three frames, so that a stall of two is not heard. */
  readonly queueMs?: number;
}

export interface PacedPlayer {
  readonly player: Player;
  /** Plays into this sink from now on; what had not left the last one goes first. */
  attach(sink: AudioSink): void;
  /** The way to the caller is gone: keeps its place and plays nothing until the next `attach`. */
  detach(): void;
}

interface Turn {
  readonly id: number;
  readonly playout: Playout;
  /** Held or paused. */
  silent: boolean;
  started: boolean;
  starved: boolean;
  overflowed: boolean;
  /** What has left, by the time at which it did: heard after the transit. */
  readonly travelling: { readonly at: number; readonly upTo: number }[];
  heardTo: number;
  pendingWords: string[];
  reportedTo: number;
  reportedAt: number;
}

/**
 * The player over any sink. While nothing is said it sends nothing: the native source fills in silence by itself. (A comfort noise
 * of ±1 LSB was weighed for the sake of watchdogs that take zeros for death: it costs 50 native calls a second and call, and delays
 * the first word by what is queued.) Facts are reported in the call that causes them, or from the clock's timers.
 */
export function createPacedPlayer(options: PacedPlayerOptions): PacedPlayer {
  const { clock, transitMs = 60, queueMs = 60 } = options;
  const receivers = new Set<(fact: PlayerFact) => void>();
  const report = (fact: PlayerFact) => receivers.forEach((receive) => receive(fact));
  let levels: { readonly at: number; readonly db: number }[] = [];
  let turn: Turn | undefined;
  let output: { readonly sink: AudioSink; pending: boolean; stale: boolean } | undefined;
  let timer: TimerId | undefined;

  /** Brings what has left up to now. */
  function settle(): void {
    if (!turn || !output) return;
    const gone = turn.playout.inFlight() - samplesOf(output.sink.queuedMs());
    if (gone <= 0) return;
    turn.playout.left(gone);
    const upTo = turn.playout.leftTo();
    if (upTo > (turn.travelling.at(-1)?.upTo ?? turn.heardTo)) turn.travelling.push({ at: clock.now(), upTo });
  }

  /** Falls silent; what has not left will be given out again. */
  function silence(): void {
    settle();
    turn?.playout.recall();
    levels = levels.filter((level) => level.at <= clock.now());
    if (!output) return;
    output.sink.clear();
    // A capture under way may land after the clear.
    output.stale = output.pending;
  }

  function hear(playing: Turn, upTo: number): void {
    if (upTo > playing.heardTo) playing.heardTo = upTo;
    playing.pendingWords.push(...playing.playout.hear(playing.heardTo));
  }

  function hearArrived(playing: Turn): void {
    const limit = clock.now() - transitMs;
    let upTo = playing.heardTo;
    while (playing.travelling[0] && playing.travelling[0].at <= limit) upTo = playing.travelling.shift()?.upTo ?? upTo;
    hear(playing, upTo);
    const isNews = playing.heardTo > playing.reportedTo || playing.pendingWords.length > 0;
    if (isNews && clock.now() - playing.reportedAt >= heardEveryMs) reportHeard(playing);
  }

  /** What has left cannot be called back: it counts as heard now. */
  function hearAll(playing: Turn): void {
    playing.travelling.length = 0;
    hear(playing, playing.playout.leftTo());
    if (playing.started) reportHeard(playing);
  }

  function reportHeard(playing: Turn): void {
    const words = playing.pendingWords;
    playing.pendingWords = [];
    playing.reportedTo = playing.heardTo;
    playing.reportedAt = clock.now();
    report({ type: 'playback.heard', turn: playing.id, words, heardMs: Math.round(msOf(playing.heardTo)) });
  }

  function pump(): void {
    const to = output;
    const playing = turn;
    if (!to || !playing || playing.silent || to.pending) return;
    const queued = to.sink.queuedMs();
    if (queued > queueMs - frameMs) return;
    const flush = playing.playout.ended() || queued <= frameMs;
    const frame = playing.playout.next(frameSamples, blockSamples, flush);
    if (!frame) return;
    send(to, frame, queued);
    if (playing.started) return;
    playing.started = true;
    report({ type: 'playback.started', turn: playing.id });
  }

  function send(to: NonNullable<typeof output>, frame: Int16Array, queued: number): void {
    const at = clock.now() + queued + frameMs;
    levels = [...levels.filter((level) => level.at > clock.now() - levelWindowMs), { at, db: levelDb(frame) }];
    to.pending = true;
    to.sink.capture(frame).then(
      () => captured(to, false),
      () => captured(to, true),
    );
  }

  function captured(to: NonNullable<typeof output>, refused: boolean): void {
    to.pending = false;
    if (to !== output) return;
    if (to.stale || refused) to.sink.clear();
    if (refused) turn?.playout.recall();
    to.stale = false;
    if (refused) arm();
    else advance();
  }

  function advance(): void {
    settle();
    pump();
    const playing = turn;
    if (!playing) return;
    hearArrived(playing);
    if (turn !== playing) return;
    const drained = playing.playout.available() === 0 && playing.playout.inFlight() === 0;
    if (drained && !playing.silent) drainedOut(playing);
    arm();
  }

  function drainedOut(playing: Turn): void {
    if (playing.playout.ended()) {
      if (playing.travelling.length > 0) return;
      finish(playing);
    } else if (playing.started && !playing.starved) {
      playing.starved = true;
      report({ type: 'playback.starved', turn: playing.id });
    }
  }

  function finish(playing: Turn): void {
    turn = undefined;
    if (playing.heardTo > playing.reportedTo || playing.pendingWords.length > 0) reportHeard(playing);
    report({ type: 'playback.finished', turn: playing.id });
  }

  function arm(): void {
    if (timer !== undefined || !turn || !isMoving(turn)) return;
    timer = clock.setTimeout(() => {
      timer = undefined;
      advance();
    }, frameMs);
  }

  function isMoving(playing: Turn): boolean {
    const unreported = playing.heardTo > playing.reportedTo || playing.pendingWords.length > 0;
    if (playing.travelling.length > 0 || unreported) return true;
    return output !== undefined && !playing.silent && playing.playout.inFlight() + playing.playout.available() > 0;
  }

  function drop(): void {
    const last = turn;
    if (!last) return;
    silence();
    turn = undefined;
    hearAll(last);
  }

  /** The open turn, if it is this one. */
  const current = (id: number): Turn | undefined => (turn?.id === id ? turn : undefined);

  const player: Player = {
    subscribe(receive) {
      receivers.add(receive);
      return () => void receivers.delete(receive);
    },
    open(id, { held }) {
      drop();
      turn = openTurn(id, held);
    },
    write(id, pcm) {
      const playing = current(id);
      if (!playing || playing.playout.ended()) return;
      const whole = playing.playout.write(pcm);
      playing.starved = false;
      if (!whole && !playing.overflowed) {
        playing.overflowed = true;
        report({ type: 'playback.overflowed', turn: id });
      }
      advance();
    },
    mark(id, words: readonly PlacedWord[]) {
      const playing = current(id);
      if (!playing) return;
      playing.playout.mark(words);
      hear(playing, playing.heardTo);
      advance();
    },
    written: (id) => current(id)?.playout.written() ?? 0,
    end(id) {
      const playing = current(id);
      if (!playing) return;
      playing.playout.end();
      advance();
    },
    gain(id, db, fadeMs) {
      const playing = current(id);
      if (!playing || playing.playout.hasGain(db)) return;
      if (!playing.silent) silence();
      playing.playout.gain(db, samplesOf(fadeMs));
      advance();
    },
    pause(id) {
      const playing = current(id);
      if (!playing || playing.silent) return;
      silence();
      playing.silent = true;
      hearAll(playing);
    },
    resume(id, from: ResumePoint) {
      const playing = current(id);
      if (!playing?.silent) return;
      if (from !== 'sample') playing.playout.rewind(from);
      playing.silent = false;
      advance();
    },
    clear(id) {
      if (current(id)) drop();
    },
    outboundDb() {
      const now = clock.now();
      return levels.reduce(
        (max, { at, db }) => (at <= now && at > now - levelWindowMs ? Math.max(max, db) : max),
        -100,
      );
    },
  };

  return {
    player,
    attach(sink) {
      output = { sink, pending: false, stale: false };
      advance();
    },
    detach() {
      silence();
      output = undefined;
      if (turn) arm();
    },
  };
}

const openTurn = (id: number, held: boolean): Turn => ({
  id,
  playout: createPlayout(samplesOf(maxTurnMs)),
  silent: held,
  started: false,
  starved: false,
  overflowed: false,
  travelling: [],
  heardTo: 0,
  pendingWords: [],
  reportedTo: 0,
  reportedAt: Number.NEGATIVE_INFINITY,
});
