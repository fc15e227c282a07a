import { setTimeout as delay } from 'node:timers/promises';
import { createGate, type Fault } from '../kit/faults.ts';
import { fixedFields, type Generation } from './request.ts';
import type { Speaker, Speech } from './speech.ts';

export interface ContextSettings {
  readonly firstAudioMs: number;
  /** The first audio of a text comes up to this much later. */
  readonly jitterMs: number;
  readonly chunkMs: number;
  /** How many times faster than real time audio is made. */
  readonly realTimeFactor: number;
  readonly timestamps: boolean;
  readonly contextExpiryMs: number;
  /** Chunks of a running generation that still come after a cancel. */
  readonly lateChunks: number;
}

export type EndReason = 'done' | 'expired' | 'cancelled' | 'failed';

/** What one context does to the outside. */
export interface ContextWire {
  send(event: Record<string, unknown>): void;
  /** Sends what is no JSON. */
  sendRaw(text: string): void;
  reset(): void;
  close(code: number, reason: string): void;
  generated(text: string, speech: Speech): void;
  /** The context is over and takes no more. */
  ended(why: EndReason): void;
}

export interface Context {
  readonly fixed: string;
  push(request: Generation): void;
  cancel(): void;
  /** The socket is gone. */
  drop(): void;
}

type Job = { readonly text: string; readonly dueAt: number } | 'flush' | 'end';

/** The beginning of a chunk. */
export const garbage = '{"type":"chunk","data":';
const defaultBufferMs = 3000;
const terminal = /[.!?…。]["'»”)]*\s*$/;

/** One context of one socket: texts go in, chunks of audio, word times and marks come out, in order. */
export function createContext(options: {
  readonly first: Generation;
  readonly speaker: Speaker;
  readonly settings: () => ContextSettings;
  readonly fault: Fault | undefined;
  readonly random: () => number;
  readonly wire: ContextWire;
}): Context {
  const { first, speaker, settings, fault, random, wire } = options;
  const gate = createGate(fault);
  const over = new AbortController();
  const jobs: Job[] = [];
  const rateHz = first.output_format.sample_rate;
  let held = '';
  let holdTimer: NodeJS.Timeout | undefined;
  let expiryTimer: NodeJS.Timeout | undefined;
  let running = false;
  let silent = fault?.kind === 'hang';
  let cancelled = false;
  let chunksLeft = Number.POSITIVE_INFINITY;
  let chunks = 0;
  let flushes = 0;

  function push(request: Generation): void {
    clearTimeout(expiryTimer);
    held += request.transcript;
    const bufferMs = request.max_buffer_delay_ms ?? defaultBufferMs;
    if (bufferMs === 0 || request.flush || !request.continue || terminal.test(held)) release();
    else holdTimer ??= setTimeout(release, bufferMs);
    if (request.flush) jobs.push('flush');
    if (!request.continue) jobs.push('end');
    void work();
  }

  function release(): void {
    clearTimeout(holdTimer);
    holdTimer = undefined;
    const { firstAudioMs, jitterMs } = settings();
    if (held.trim()) jobs.push({ text: held, dueAt: performance.now() + firstAudioMs + jitterMs * random() });
    held = '';
    void work();
  }

  async function work(): Promise<void> {
    if (running) return;
    running = true;
    while (jobs.length > 0 && !over.signal.aborted) await perform(jobs.shift()!);
    running = false;
    if (over.signal.aborted) return;
    if (cancelled) end('cancelled');
    else expiryTimer = setTimeout(() => end('expired'), settings().contextExpiryMs);
  }

  async function perform(job: Job): Promise<void> {
    if (job === 'flush') return send({ type: 'flush_done', flush_done: true, flush_id: ++flushes, status_code: 206 });
    if (job === 'end') {
      send({ type: 'done', done: true, status_code: 200 });
      return end('done');
    }
    // Made while the vendor's time runs, so that the making adds nothing to it.
    const speech = speaker.say(job.text);
    await until(job.dueAt);
    if (over.signal.aborted || cancelled || fails()) return;
    wire.generated(job.text, speech);
    await stream(speech);
  }

  async function stream({ pcm, words }: Speech): Promise<void> {
    const { chunkMs, realTimeFactor } = settings();
    const perChunk = Math.round((rateHz * chunkMs) / 1000);
    const waiting = [...words];
    const from = words[0]?.startMs ?? 0;
    let dueAt = performance.now();
    for (let at = 0; at < pcm.length; at += perChunk) {
      if (over.signal.aborted || chunksLeft <= 0 || fails() || strikes()) return;
      const chunk = pcm.subarray(at, at + perChunk);
      const sentMs = from + ((at + chunk.length) * 1000) / rateHz;
      send({ type: 'chunk', data: base64(chunk), done: false, status_code: 206, step_time: 10, flush_id: flushes + 1 });
      const begun = waiting.splice(0, waiting.filter((word) => word.startMs < sentMs).length);
      if (first.add_timestamps && settings().timestamps && begun.length > 0) send(timestamps(begun));
      chunks += 1;
      chunksLeft -= 1;
      dueAt += chunkMs / realTimeFactor + gate.delayMs;
      await until(dueAt);
    }
  }

  /** Lets the fault take the place of the next chunk; true when nothing comes after it. */
  function strikes(): boolean {
    const verdict = gate.next();
    if (verdict === 'garbage') wire.sendRaw(String(fault?.body ?? garbage));
    if (verdict === 'reset') wire.reset();
    if (verdict === 'close') wire.close(fault?.code ?? 1000, fault?.reason ?? '');
    silent ||= verdict === 'stall';
    return verdict !== 'pass' && verdict !== 'garbage';
  }

  function fails(): boolean {
    if (fault?.kind !== 'error' || chunks < (fault.after ?? 0)) return false;
    const error = { status_code: 500, error_code: 'internal_error', title: 'Internal error', message: 'It broke.' };
    send({ type: 'error', done: true, ...error, ...(fault.body as object) });
    end('failed');
    return true;
  }

  function send(event: Record<string, unknown>): void {
    if (!silent && !over.signal.aborted) wire.send({ context_id: first.context_id, ...event });
  }

  function end(why: EndReason): void {
    if (over.signal.aborted) return;
    drop();
    wire.ended(why);
  }

  function drop(): void {
    over.abort();
    clearTimeout(holdTimer);
    clearTimeout(expiryTimer);
  }

  return {
    fixed: fixedFields(first),
    push,
    drop,
    cancel() {
      cancelled = true;
      chunksLeft = settings().lateChunks;
      held = '';
      jobs.splice(0);
      if (!running) end('cancelled');
    },
  };
}

const until = (dueAt: number): Promise<void> => delay(Math.max(0, dueAt - performance.now()));

const timestamps = (words: Speech['words']) => ({
  type: 'timestamps',
  done: false,
  status_code: 206,
  word_timestamps: {
    words: words.map((word) => word.text),
    start: words.map((word) => word.startMs / 1000),
    end: words.map((word) => word.endMs / 1000),
  },
});

const base64 = (pcm: Int16Array): string => Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64');
