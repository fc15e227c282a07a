import { destination, pino, stdTimeFunctions } from 'pino';
import type { Clock } from '../clock.ts';
import { cleanFields, cleanText, type Pii, type PiiRule } from './log-fields.ts';

export type { Pii, PiiRule } from './log-fields.ts';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';

/** `code` is a dotted name for machines and searches, such as `call.lost`; the message is for people. Secrets are taken out. */
export interface LogFields {
  readonly code: string;
  readonly pii?: Pii;
  readonly [name: string]: unknown;
}

type Write = (fields: LogFields, message: string) => void;

/** Writes JSON lines. Never throws and never waits. */
export interface Logger extends Readonly<Record<Exclude<LogLevel, 'silent'>, Write>> {
  /** A logger whose lines all carry these fields too. */
  child(fields: Readonly<Record<string, unknown>> & { readonly pii?: Pii }): Logger;
  /** Resolves when what was logged so far has been written, or cannot be. */
  flush(): Promise<void>;
}

export interface LoggerOptions {
  /** Default `info`. */
  readonly level?: LogLevel;
  /** A path is appended to; its folder is made. Default `stdout`. */
  readonly to?: 'stdout' | 'stderr' | (string & {});
  /** Default `mask`. */
  readonly pii?: PiiRule;
  readonly clock?: Clock;
  /** Told once when lines cannot be written; they are dropped then. */
  readonly trouble?: (error: Error) => void;
}

/** Lines waiting for a slow reader; beyond it new ones are dropped and counted (`log.dropped`). */
const waitingBytes = 1_048_576;

/** Structured logging to stdout, stderr or a file, beside the work and never in its way. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', pii = 'mask', clock } = options;
  const sink = openSink(options);
  const lines = pino(
    {
      level,
      base: null,
      ...(clock
        ? { timestamp: () => `,"time":"${new Date(clock.now()).toISOString()}"` }
        : { timestamp: stdTimeFunctions.isoTime }),
      // Errors are made plain by `cleanFields`; pino's own way would do it once more.
      serializers: { err: (error: unknown) => error },
      formatters: { level: (label) => ({ level: label }) },
    },
    sink,
  );
  reportDropped(sink, (fields, message) => lines.warn(fields, message));
  return loggerOf(lines, pii, () => new Promise((resolve) => sink.flush(() => resolve())));
}

type Sink = ReturnType<typeof destination>;

function openSink({ to = 'stdout', trouble }: LoggerOptions): Sink {
  const dest = to === 'stdout' ? 1 : to === 'stderr' ? 2 : to;
  const sink = destination({ dest, sync: false, minLength: 1, maxLength: waitingBytes, mkdir: true });
  let told = false;
  sink.on('error', (error: Error) => {
    if (!told) trouble?.(error);
    told = true;
    if (isClosed(sink)) silence(sink);
  });
  return sink;
}

/** It could not be opened; a full disk, on the other hand, may have room again. */
const isClosed = (sink: Sink): boolean => (sink as Sink & { readonly fd: number }).fd < 0;

/** Writing to it, or flushing it when the process ends, would throw. */
function silence(sink: Sink): void {
  Object.assign(sink, { write: nothing, flushSync: nothing, end: nothing, flush: (done?: () => void) => done?.() });
}

const nothing = (): void => {};

function reportDropped(sink: Sink, warn: (fields: LogFields, message: string) => void): void {
  let dropped = 0;
  sink.on('drop', () => (dropped += 1));
  sink.on('drain', () => {
    if (dropped === 0) return;
    const lines = dropped;
    dropped = 0;
    warn({ code: 'log.dropped', lines }, 'the log was read too slowly: lines are missing before this one');
  });
}

function loggerOf(lines: pino.Logger, pii: PiiRule, flush: () => Promise<void>): Logger {
  const write =
    (level: Exclude<LogLevel, 'silent'>): Write =>
    (fields, message) => {
      if (!lines.isLevelEnabled(level)) return;
      try {
        lines[level](cleanFields(fields, pii), cleanText(message));
      } catch {
        // A log that cannot be written must not end a call; `trouble` has been told.
      }
    };
  return {
    fatal: write('fatal'),
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    trace: write('trace'),
    child: (fields) => loggerOf(lines.child(cleanFields(fields, pii)), pii, flush),
    flush,
  };
}

/** The logger of one phone call. */
export const callLogger = (
  log: Logger,
  call: { readonly callKey: string; readonly room: string; readonly epoch: number; readonly agent?: string },
): Logger => log.child(call);
