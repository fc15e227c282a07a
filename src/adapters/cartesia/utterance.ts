import type { Utterance, VoiceFact } from '../../actors/voice.ts';
import { msOf } from '../../audio/pcm.ts';
import { createSampleReader } from '../../audio/sample-reader.ts';
import { estimatedWords } from '../../audio/word-times.ts';
import type { Clock } from '../../clock.ts';
import type { Failure } from '../../failure.ts';
import {
  cancelMessage,
  endMessage,
  flushMessage,
  sayMessage,
  wordsOf,
  type Manner,
  type VoiceMessage,
} from './codec.ts';
import { errorMessage, overflowed } from './failure.ts';
import type { Link, Tenant } from './link.ts';
import { suspectMs, type Pool } from './pool.ts';

export interface UtteranceOptions {
  readonly id: string;
  readonly manner: Manner;
  readonly pool: Pool;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The vendor forgets a context one second after its last audio: a clause that comes later than this opens a new one. */
  readonly contextIdleMs: number;
  readonly report: (fact: VoiceFact) => void;
}

const mostWaitingChars = 20_000;

/** One utterance over one context, or over several in a row where the model paused. */
export function createUtterance(options: UtteranceOptions): Utterance {
  const { id, manner, pool, clock, signal, report } = options;
  const waiting: string[] = [];
  const offsetsMs = new Map<string, number>();
  /** Texts of this context whose audio is still to come, or coming. */
  const owed: string[] = [];
  let context = { id, read: createSampleReader(), closed: false };
  let clauseStartMs = 0;
  /** Decided by the first clause and kept, so that no word is placed twice. */
  let timesBy: 'vendor' | 'estimate' | undefined;
  let samples = 0;
  let heardAt = 0;
  let owedSince: number | undefined;
  let over = false;
  let ended = false;

  const tenant: Tenant = { opened: drain, message: receive, lost: fail, waitingSince: () => owedSince };
  const link: Link = pool.take(tenant);

  function finish(fact?: VoiceFact): void {
    if (over) return;
    over = true;
    signal.removeEventListener('abort', abort);
    pool.leave(link, tenant, owedSince !== undefined && clock.now() - owedSince >= suspectMs);
    if (fact && !signal.aborted) report(fact);
  }

  function fail(failure: Failure): void {
    finish({ type: 'voice.failed', failure });
  }

  function abort(): void {
    if (isOpen()) link.send(cancelMessage(context.id));
    finish();
  }

  const isOpen = () => offsetsMs.has(context.id) && !context.closed;

  function drain(): void {
    for (const text of waiting.splice(0)) speak(text);
    if (ended) conclude();
  }

  function speak(text: string): void {
    if (isSpent()) context = { id: `${id}.${offsetsMs.size}`, read: createSampleReader(), closed: false };
    if (!offsetsMs.has(context.id)) offsetsMs.set(context.id, msOf(samples));
    owed.push(text);
    owedSince ??= clock.now();
    link.send(sayMessage(manner, context.id, text));
    link.send(flushMessage(manner, context.id));
  }

  /** All audio that was asked for has come, and the context may be gone by the time that more text arrives. */
  function isSpent(): boolean {
    if (context.closed) return true;
    return offsetsMs.has(context.id) && owed.length === 0 && clock.now() - heardAt > options.contextIdleMs;
  }

  function conclude(): void {
    if (isOpen() && !isSpent()) link.send(endMessage(manner, context.id));
    if (owed.length === 0) finish({ type: 'voice.done' });
  }

  function receive(message: VoiceMessage): void {
    if (message.type === 'error') return receiveError(message);
    const offsetMs = offsetsMs.get(message.context_id);
    if (offsetMs === undefined) return;
    owedSince = undefined;
    if (message.type === 'timestamps') return reportWords(message, offsetMs);
    if (message.context_id !== context.id) return;
    if (message.type === 'chunk') return reportAudio(message.audio);
    if (message.type === 'flush_done') endClause();
    else receiveDone();
  }

  /** What was heard is told by words: where the vendor gives no times (not every language has them) they are estimated. */
  function endClause(): void {
    const text = owed.shift();
    const startMs = clauseStartMs;
    clauseStartMs = msOf(samples);
    if (!text || clauseStartMs === startMs) return;
    timesBy ??= 'estimate';
    if (timesBy === 'estimate') report({ type: 'voice.words', words: estimatedWords(text, startMs, clauseStartMs) });
  }

  /** An error without an address may be anybody's: all who share the socket fail. */
  function receiveError(message: Extract<VoiceMessage, { type: 'error' }>): void {
    const addressed = message.context_id ?? context.id;
    if (addressed === context.id && offsetsMs.has(context.id)) fail(errorMessage(message));
  }

  function receiveDone(): void {
    context.closed = true;
    owed.length = 0;
    if (ended) finish({ type: 'voice.done' });
  }

  function reportAudio(bytes: Uint8Array): void {
    const pcm = context.read(bytes);
    heardAt = clock.now();
    if (pcm.length === 0) return;
    samples += pcm.length;
    report({ type: 'voice.audio', pcm });
  }

  function reportWords(message: Extract<VoiceMessage, { type: 'timestamps' }>, offsetMs: number): void {
    const words = wordsOf(message, offsetMs);
    if (words.length === 0) return;
    timesBy ??= 'vendor';
    if (timesBy === 'vendor') report({ type: 'voice.words', words });
  }

  signal.addEventListener('abort', abort, { once: true });

  return {
    say(text) {
      if (over || ended || !text.trim()) return;
      if (link.state() === 'open') return speak(text);
      waiting.push(text);
      if (waiting.join('').length > mostWaitingChars) fail(overflowed());
    },
    end() {
      if (over || ended) return;
      ended = true;
      if (link.state() !== 'connecting') conclude();
      else if (waiting.length === 0) finish({ type: 'voice.done' });
    },
  };
}
