import { configuration, refusedThresholds, type Thresholds } from './flux-thresholds.ts';
import type { HeardWord } from './recogniser.ts';
import { seconds, textOf, type Session, type SessionContext } from './session.ts';

type TurnEvent = 'StartOfTurn' | 'Update' | 'EagerEndOfTurn' | 'TurnResumed' | 'EndOfTurn';

const doubledAfterMs = 100;
/** In mid-sentence the vendor takes this many times longer to think that it might be over. */
const unfinishedFactor = 4;

/** The v2 wire: a stream of turns. StartOfTurn → Update* → [EagerEndOfTurn → (TurnResumed → …)]* → EndOfTurn. */
export function createFluxSession(context: SessionContext): Session {
  const { query, settings, recogniser } = context;
  const { meter } = recogniser;
  let thresholds: Thresholds = configuration(query);
  let keyterms: unknown = query.getAll('keyterm');
  let connected = false;
  let sequence = 0;
  let turnIndex = 0;
  let turnStartMs = 0;
  let firstWord = 0;
  let started = false;
  let eager = false;
  let nextUpdateMs = Number.POSITIVE_INFINITY;
  let again: { readonly atMs: number; readonly message: Readonly<Record<string, unknown>> } | undefined;

  const words = () => recogniser.words.slice(firstWord);
  const send = (message: Readonly<Record<string, unknown>>) =>
    context.send({ ...message, sequence_id: sequence++, request_id: context.requestId });

  function advance(onset: boolean): void {
    if (again && meter.positionMs >= again.atMs) sendAgain();
    if (onset && !started && nextUpdateMs === Number.POSITIVE_INFINITY)
      nextUpdateMs = meter.onsetMs + settings.values.interimFirstMs;
    if (onset && eager) resume();
    if (meter.positionMs >= nextUpdateMs) update();
    const { quietMs } = meter;
    if (words().length > 0 && !meter.sounding) listenForEnd(quietMs);
    else if (words().length === 0 && quietMs > settings.values.endOfTurnMs) nextUpdateMs = Number.POSITIVE_INFINITY;
  }

  function update(): void {
    nextUpdateMs += settings.values.interimEveryMs;
    if (words().length === 0 || eager) return;
    tell(started ? 'Update' : 'StartOfTurn');
    started = true;
  }

  function resume(): void {
    eager = false;
    nextUpdateMs = meter.positionMs + settings.values.interimEveryMs;
    tell('TurnResumed');
  }

  function listenForEnd(quietMs: number): void {
    const { eager_eot_threshold: eagerAt, eot_threshold: endAt, eot_timeout_ms: timeoutMs } = thresholds;
    const lateMs = recogniser.sound?.final?.delayMs ?? 0;
    const endMs = recogniser.unfinished ? Number.POSITIVE_INFINITY : quietFor(endAt) + lateMs;
    const eagerMs = eagerAt === undefined ? Number.POSITIVE_INFINITY : quietFor(eagerAt);
    if (quietMs >= Math.min(endMs, timeoutMs)) return end(quietMs >= endMs ? 'model' : 'timeout');
    if (!eager && quietMs >= (recogniser.unfinished ? unfinishedFactor : 1) * eagerMs) beEager();
  }

  /** Quiet until the confidence is reached: 0.5 and 0.7 as set, more above, never at 1. */
  function quietFor(threshold: number): number {
    if (threshold >= 1) return Number.POSITIVE_INFINITY;
    const { eagerMs, endOfTurnMs, openEndMs } = settings.values;
    const most = Math.max(openEndMs, 1.1 * endOfTurnMs);
    const quiet =
      threshold <= 0.5
        ? (eagerMs * threshold) / 0.5
        : threshold <= 0.7
          ? eagerMs + ((endOfTurnMs - eagerMs) * (threshold - 0.5)) / 0.2
          : endOfTurnMs + ((most - endOfTurnMs) * (threshold - 0.7)) / 0.3;
    return endsOpen(textOf(words())) ? quiet * (openEndMs / endOfTurnMs) : quiet;
  }

  function beEager(): void {
    if (settledText() === '') return;
    start();
    eager = true;
    tell('EagerEndOfTurn');
  }

  function start(): void {
    if (!started) tell('StartOfTurn');
    started = true;
  }

  function end(trigger: 'model' | 'timeout' | 'manual'): void {
    start();
    const message = turnInfo('EndOfTurn', settledText(), { trigger });
    send(message);
    if (recogniser.sound?.final?.twice) again = { atMs: meter.positionMs + doubledAfterMs, message };
    turnIndex += 1;
    turnStartMs = meter.positionMs;
    firstWord = recogniser.words.length;
    started = false;
    eager = false;
    nextUpdateMs = Number.POSITIVE_INFINITY;
  }

  function sendAgain(): void {
    send(again!.message);
    again = undefined;
  }

  /** What the turn settles on: the script may say other words than the updates did. */
  const settledText = () => recogniser.sound?.final?.text ?? textOf(words());

  const tell = (event: TurnEvent) =>
    send(turnInfo(event, event === 'EagerEndOfTurn' ? settledText() : textOf(words())));

  function turnInfo(event: TurnEvent, transcript: string, more: Readonly<Record<string, unknown>> = {}) {
    return {
      type: 'TurnInfo',
      event,
      turn_index: turnIndex,
      audio_window_start: seconds(turnStartMs),
      audio_window_end: seconds(meter.positionMs),
      transcript,
      words: transcript === textOf(words()) ? words().map(wireWord) : transcript.split(' ').map(unplacedWord),
      end_of_turn_confidence: confidenceOf[event],
      ...more,
    };
  }

  function configure(message: Readonly<Record<string, unknown>>): void {
    const asked = { ...thresholds, ...(message['thresholds'] as Partial<Thresholds> | undefined) };
    const foreignHints = message['language_hints'] !== undefined && query.get('model') !== 'flux-general-multi';
    if (refusedThresholds(asked) || foreignHints) return send({ type: 'ConfigureFailure' });
    thresholds = asked;
    keyterms = message['keyterms'] ?? keyterms;
    send({ type: 'ConfigureSuccess', thresholds, keyterms });
  }

  function unparsable(): void {
    send({ type: 'Error', code: 'UNPARSABLE_CLIENT_MESSAGE', description: 'The message could not be parsed.' });
    context.close(1011, 'UNPARSABLE_CLIENT_MESSAGE');
  }

  function finish(): void {
    if (words().length > 0) end('manual');
    context.close(1000);
  }

  function receive(message: Parameters<Session['receive']>[0]): void {
    if (message?.type === 'CloseStream') return finish();
    if (message?.type === 'Configure') return configure(message);
    // What a KeepAlive does to this API was reported, not documented: the socket ends without a status.
    if (message?.type === 'KeepAlive') return context.close(1005);
    if (message?.type !== 'ForceEndTurn' || !settings.values.forceEndTurn) return unparsable();
    if (words().length > 0) end('manual');
  }

  return {
    open() {
      connected = true;
      send({ type: 'Connected' });
    },
    hearing: () => connected,
    advance,
    receive,
    finish,
    starved: ({ audioMs }) => audioMs >= settings.values.fluxIdleMs && context.close(1005),
  };
}

const openEnd = /(?:[,…–-]|\.\.\.|\b(?:um|uh|er|and|but|or|so|the|a|to|und|oder|äh|и|но|эм|ну))$/iu;

/** Whether words plainly ask for more to come. */
const endsOpen = (text: string): boolean => openEnd.test(text);

const confidenceOf: Record<TurnEvent, number> = {
  StartOfTurn: 0.05,
  Update: 0.1,
  EagerEndOfTurn: 0.55,
  TurnResumed: 0.1,
  EndOfTurn: 0.85,
};

const wireWord = ({ text, startMs, endMs }: HeardWord) => ({
  word: text,
  confidence: 0.98,
  start: seconds(startMs),
  end: seconds(endMs),
});

const unplacedWord = (word: string) => ({ word, confidence: 0.9 });
