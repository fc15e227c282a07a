import type { PlacedWord, Player, PlayerFact, ResumePoint } from '../../actors/player.ts';
import { frameMs, frameSamples, levelDb, samplesOf } from '../../audio/pcm.ts';
import { createPlayout, type Playout } from '../../audio/playout.ts';
import type { Clock, TimerId } from '../../clock.ts';
import { createHearing, type Hearing } from './hearing.ts';
import type { AudioSink } from './sink.ts';

const maxTurnMs = 180_000;
/** Words on their way when nobody listens are few, and the end of a turn with them. */
const mostUntold = 100;
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
  /**
   * The way to the caller is gone: plays nothing until the next `attach`, and goes on at the start of the word that was cut. Where
   * it was gone before it was noticed, `aliveAt` is when it last was there: what left later was not heard.
   */
  detach(aliveAt?: number): void;
}

interface Turn {
  readonly id: number;
  readonly playout: Playout;
  readonly hearing: Hearing;
  /** Held or paused. */
  silent: boolean;
  started: boolean;
  starved: boolean;
  overflowed: boolean;
}

interface Output {
  readonly sink: AudioSink;
  /** A capture is under way. */
  pending: boolean;
  /** … and what it brings is to be dropped when it has landed. */
  stale: boolean;
}

/**
 * The player over any sink. While nothing is said it sends nothing: the native source fills in silence by itself. (A comfort noise
 * of ±1 LSB was weighed for the sake of watchdogs that take zeros for death: it costs 50 native calls a second and call, and delays
 * the first word by what is queued.) Facts are reported in the call that causes them, or from the clock's timers.
 */
export function createPacedPlayer(options: PacedPlayerOptions): PacedPlayer {
  const { clock, transitMs = 60, queueMs = 60 } = options;
  const receivers = new Set<(fact: PlayerFact) => void>();
  const levels = createLevels(clock);
  /** Between two joins nobody listens: what was heard meanwhile is told to the next who does. */
  let untold: readonly PlayerFact[] = [];
  let turn: Turn | undefined;
  /** The turn before, which may turn out not to have been heard to its end. */
  let former: Turn | undefined;
  let output: Output | undefined;
  let timer: TimerId | undefined;

  function report(fact: PlayerFact): void {
    if (receivers.size === 0) untold = [...untold, fact].slice(-mostUntold);
    for (const receive of receivers) receive(fact);
  }

  /** Brings what has left up to now. */
  function settle(): void {
    if (!turn || !output) return;
    turn.playout.left(turn.playout.inFlight() - samplesOf(output.sink.queuedMs()));
  }

  /** Falls silent; what has not left will be given out again. */
  function silence(): void {
    settle();
    turn?.playout.recall();
    levels.forgetUnsent();
    if (!output) return;
    output.sink.clear();
    output.stale = output.pending;
  }

  function pump(): void {
    if (!output || output.pending || !turn || turn.silent) return;
    const queued = output.sink.queuedMs();
    if (queued > queueMs - frameMs) return;
    const flush = turn.playout.ended() || queued <= frameMs;
    const frame = turn.playout.next(frameSamples, blockSamples, flush);
    if (!frame) return;
    levels.sent(frame, queued + frameMs);
    capture(output, frame);
    if (turn.started) return;
    turn.started = true;
    report({ type: 'playback.started', turn: turn.id });
  }

  function capture(to: Output, frame: Int16Array): void {
    to.pending = true;
    to.sink.capture(frame).then(
      () => landed(to, false),
      () => landed(to, true),
    );
  }

  function landed(to: Output, refused: boolean): void {
    to.pending = false;
    if (to.stale || refused) to.sink.clear();
    to.stale = false;
    if (to !== output) return;
    if (!refused) return advance();
    turn?.playout.recall();
    return arm();
  }

  function advance(): void {
    settle();
    pump();
    const playing = turn;
    if (!playing) return;
    playing.hearing.follow();
    const drained = playing.playout.available() === 0 && playing.playout.inFlight() === 0;
    if (drained && !playing.silent && playing === turn) ranDry(playing);
    arm();
  }

  function ranDry(playing: Turn): void {
    if (playing.playout.ended()) {
      if (playing.hearing.arrived()) finish(playing);
    } else if (playing.started && !playing.starved) {
      playing.starved = true;
      report({ type: 'playback.starved', turn: playing.id });
    }
  }

  function finish(playing: Turn): void {
    turn = undefined;
    former = playing;
    if (!playing.hearing.settled()) playing.hearing.heardAll();
    report({ type: 'playback.finished', turn: playing.id });
  }

  function arm(): void {
    if (timer !== undefined || !turn || !isMoving(turn)) return;
    timer = clock.setTimeout(() => {
      timer = undefined;
      advance();
    }, frameMs);
  }

  function isMoving({ playout, hearing, silent }: Turn): boolean {
    const hasMore = playout.inFlight() + playout.available() > 0;
    return !hearing.settled() || (output !== undefined && !silent && hasMore);
  }

  function drop(): void {
    const last = turn;
    if (!last) return;
    silence();
    turn = undefined;
    former = last;
    if (last.started) last.hearing.heardAll();
  }

  function open(id: number, held: boolean): void {
    drop();
    const playout = createPlayout(samplesOf(maxTurnMs));
    const tell = (words: readonly string[], heardMs: number) =>
      report({ type: 'playback.heard', turn: id, words, heardMs });
    const takeBack = (words: number, heardMs: number) => report({ type: 'playback.unheard', turn: id, words, heardMs });
    const hearing = createHearing({ clock, transitMs, playout, report: tell, takeBack });
    turn = { id, playout, hearing, silent: held, started: false, starved: false, overflowed: false };
  }

  /** Does something to this turn if it is the open one. */
  function to(id: number, act: (playing: Turn) => void): void {
    if (turn?.id === id) act(turn);
  }

  const player: Player = {
    subscribe(receive) {
      receivers.add(receive);
      const missed = untold;
      untold = [];
      for (const fact of missed) receive(fact);
      return () => void receivers.delete(receive);
    },
    open: (id, { held }) => open(id, held),
    write: (id, pcm) =>
      to(id, (playing) => {
        if (playing.playout.ended()) return;
        const fits = playing.playout.write(pcm);
        playing.starved = false;
        if (!fits && !playing.overflowed) {
          playing.overflowed = true;
          report({ type: 'playback.overflowed', turn: id });
        }
        advance();
      }),
    mark: (id, words: readonly PlacedWord[]) =>
      to(id, ({ playout }) => {
        playout.mark(words);
        advance();
      }),
    written: (id) => (turn?.id === id ? turn.playout.written() : 0),
    trim: (id) => (turn?.id === id ? turn.playout.trim() : []),
    end: (id) =>
      to(id, ({ playout }) => {
        playout.end();
        advance();
      }),
    gain: (id, db, fadeMs) =>
      to(id, ({ playout, silent }) => {
        if (playout.hasGain(db)) return;
        if (!silent) silence();
        playout.gain(db, samplesOf(fadeMs));
        advance();
      }),
    pause: (id) =>
      to(id, (playing) => {
        if (playing.silent) return;
        silence();
        playing.silent = true;
        if (playing.started) playing.hearing.heardAll();
      }),
    resume: (id, from: ResumePoint) =>
      to(id, (playing) => {
        if (!playing.silent) return;
        if (from !== 'sample') playing.playout.rewind(from);
        playing.silent = false;
        advance();
      }),
    clear: (id) => to(id, drop),
    outboundDb: levels.loudest,
  };

  return {
    player,
    attach(sink) {
      output = { sink, pending: false, stale: false };
      advance();
    },
    detach(aliveAt) {
      silence();
      if (aliveAt !== undefined) for (const each of [former, turn]) each?.hearing.unhear(aliveAt);
      turn?.playout.rewind('word');
      output = undefined;
      advance();
    },
  };
}

/** Levels of what was sent lately, by the time at which it left or will. */
function createLevels(clock: Clock) {
  let levels: { readonly at: number; readonly db: number }[] = [];
  const isRecent = ({ at }: { readonly at: number }) => at > clock.now() - levelWindowMs;
  return {
    sent(frame: Int16Array, leavesInMs: number): void {
      levels = [...levels.filter(isRecent), { at: clock.now() + leavesInMs, db: levelDb(frame) }];
    },
    forgetUnsent: () => void (levels = levels.filter(({ at }) => at <= clock.now())),
    loudest(): number {
      const left = levels.filter((level) => isRecent(level) && level.at <= clock.now());
      return Math.max(-100, ...left.map(({ db }) => db));
    },
  };
}
