import type { HeardWord } from './recogniser.ts';
import { seconds, textOf, type Session, type SessionContext } from './session.ts';

const starvedReason =
  'Deepgram did not receive audio data or a text message within the timeout window. See https://dpgr.am/net0001';
const doubledAfterMs = 100;

interface Due {
  readonly atMs: number;
  readonly message: Readonly<Record<string, unknown>>;
}

/** The v1 wire: one live transcription. Everything but starvation goes by the audio's own time. */
export function createNovaSession(context: SessionContext): Session {
  const { query, settings, recogniser, send } = context;
  const { meter } = recogniser;
  const wants = (name: string) => query.get(name) === 'true';
  const utteranceEndMs = Number(query.get('utterance_end_ms') ?? Number.POSITIVE_INFINITY);
  let windowStartMs = 0;
  let settledWords = 0;
  let stretchOpen = false;
  let nextInterimMs = 0;
  let utteranceOpen = false;
  let due: Due[] = [];

  const pendingWords = () => recogniser.words.slice(settledWords);

  function advance(onset: boolean): void {
    if (onset) begin();
    flushDue(meter.positionMs);
    if (due.length > 0) return; // Results come in order: nothing overtakes a final that is late.
    const { quietMs } = meter;
    if (stretchOpen && quietMs >= settings.values.finalMs) endStretch();
    else if (stretchOpen) goOn();
    else if (meter.positionMs - windowStartMs >= settings.values.segmentMs) settle({ speechFinal: true });
    endUtterance();
  }

  function begin(): void {
    if (wants('vad_events')) send({ type: 'SpeechStarted', channel: [0, 1], timestamp: seconds(meter.onsetMs) });
    if (stretchOpen) return;
    stretchOpen = true;
    nextInterimMs = meter.onsetMs + settings.values.interimFirstMs;
  }

  function goOn(): void {
    if (meter.positionMs - windowStartMs >= settings.values.segmentMs && pendingWords().length > 0)
      settle({ speechFinal: false });
    if (meter.positionMs < nextInterimMs) return;
    nextInterimMs += settings.values.interimEveryMs;
    if (wants('interim_results')) send(results(pendingWords(), { isFinal: false, speechFinal: false }));
  }

  function endStretch(): void {
    stretchOpen = false;
    settle({ speechFinal: query.get('endpointing') !== 'false' });
  }

  /** Settles the window that ends now; the script may have the result late, changed, empty or doubled. */
  function settle(how: { readonly speechFinal: boolean; readonly fromFinalize?: boolean }): void {
    const words = pendingWords();
    const { text, delayMs = 0, twice = false } = (words.length > 0 && recogniser.sound?.final) || {};
    const message = results(words, { ...how, isFinal: true, text });
    if (words.length > 0) utteranceOpen = true;
    settledWords = recogniser.words.length;
    windowStartMs = meter.positionMs;
    due.push({ atMs: meter.positionMs + delayMs, message });
    if (twice) due.push({ atMs: meter.positionMs + delayMs + doubledAfterMs, message });
    flushDue(meter.positionMs);
  }

  function flushDue(untilMs: number): void {
    const now = due.filter(({ atMs }) => atMs <= untilMs);
    due = due.filter(({ atMs }) => atMs > untilMs);
    for (const { message } of now) send(message);
  }

  function endUtterance(): void {
    const lastWordEnd = recogniser.words.at(-1)?.endMs ?? 0;
    if (!utteranceOpen || stretchOpen || meter.positionMs - lastWordEnd < utteranceEndMs) return;
    utteranceOpen = false;
    send({ type: 'UtteranceEnd', channel: [0, 1], last_word_end: seconds(lastWordEnd) });
  }

  function results(
    words: readonly HeardWord[],
    how: { isFinal: boolean; speechFinal: boolean; fromFinalize?: boolean; text?: string | undefined },
  ): Readonly<Record<string, unknown>> {
    const said = how.text === undefined ? words : how.text === '' ? [] : reworded(words, how.text);
    return {
      type: 'Results',
      channel_index: [0, 1],
      start: seconds(windowStartMs),
      duration: seconds(meter.positionMs - windowStartMs),
      is_final: how.isFinal,
      speech_final: how.speechFinal,
      ...(how.fromFinalize ? { from_finalize: true } : {}),
      channel: {
        alternatives: [{ transcript: textOf(said), confidence: said.length > 0 ? 0.98 : 0, words: said.map(wireWord) }],
      },
      metadata: {
        request_id: context.requestId,
        model_info: { name: query.get('model'), version: 'emulated', arch: 'nova-3' },
        model_uuid: '00000000-0000-4000-8000-000000000000',
      },
    };
  }

  function finalize(): void {
    const reply = settings.values.finalizeReplies && (pendingWords().length > 0 || due.length > 0);
    flushDue(Number.POSITIVE_INFINITY);
    if (reply && pendingWords().length > 0) settle({ speechFinal: false, fromFinalize: true });
    flushDue(Number.POSITIVE_INFINITY);
  }

  function finish(): void {
    flushDue(Number.POSITIVE_INFINITY);
    if (pendingWords().length > 0) settle({ speechFinal: true });
    sendMetadata();
    context.close(settings.values.closeStreamCode);
  }

  const sendMetadata = () =>
    send({
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: context.requestId,
      sha256: '0'.repeat(64),
      created: new Date(0).toISOString(),
      duration: seconds(meter.positionMs),
      channels: 1,
    });

  return {
    open: () => {},
    hearing: () => true,
    advance,
    finish,
    receive(message) {
      if (message?.type === 'CloseStream') finish();
      else if (message?.type === 'Finalize') finalize();
      else if (message?.type !== 'KeepAlive') context.close(1008, 'DATA-0000: unreadable message');
    },
    starved({ anyMs }) {
      if (anyMs < settings.values.starvationMs) return;
      sendMetadata();
      context.close(1011, starvedReason);
    },
  };
}

/** Other words in the same time. */
function reworded(words: readonly HeardWord[], text: string): HeardWord[] {
  const startMs = words[0]?.startMs ?? 0;
  const endMs = words.at(-1)?.endMs ?? startMs;
  const parts = text.split(' ');
  const each = (endMs - startMs) / parts.length;
  return parts.map((part, i) => ({ text: part, startMs: startMs + i * each, endMs: startMs + (i + 1) * each }));
}

const wireWord = ({ text, startMs, endMs }: HeardWord) => ({
  word: text.toLowerCase().replaceAll(/[^\p{L}\p{N}'-]/gu, ''),
  start: seconds(startMs),
  end: seconds(endMs),
  confidence: 0.98,
  punctuated_word: text,
});
