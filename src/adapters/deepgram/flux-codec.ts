import { z } from 'zod';
import type { Expectation, TranscriberFact } from '../../actors/transcriber.ts';
import { errorMessage } from './failure.ts';

/** Binary arrives as a Blob, which has a `type` too: an empty one. */
const envelope = z.object({ type: z.string().min(1) });

const turnInfo = z.object({ event: z.string(), turn_index: z.number().int().nonnegative(), transcript: z.string() });

const window = z.object({ audio_window_end: z.number() });

const fatal = z.object({ code: z.string().optional(), description: z.string().optional() });

type TurnInfo = z.infer<typeof turnInfo>;

interface Turn {
  readonly utterance: number;
  told: string;
  lastText: string;
  maybe: boolean;
  ended: boolean;
}

/**
 * Reads v2 messages; a turn's index is its utterance. An end without words after words were heard ends with those words.
 * A second end of the same turn, with another text, amends it.
 */
export function createFluxReader(): (message: unknown) => readonly TranscriberFact[] | undefined {
  const turns = new Map<number, Turn>();

  function read(message: unknown): readonly TranscriberFact[] | undefined {
    const type = envelope.safeParse(message).data?.type;
    if (type === 'Connected') return [{ type: 'stt.opened' }];
    if (type === 'TurnInfo') return onTurnInfo(turnInfo.safeParse(message).data);
    if (type === 'Error') return onError(fatal.safeParse(message).data);
    // ConfigureFailure too: the stream goes on with the thresholds it had.
    return type === undefined ? undefined : [];
  }

  function onTurnInfo(info: TurnInfo | undefined): TranscriberFact[] | undefined {
    if (!info) return undefined;
    const turn = turnOf(info.turn_index);
    const text = info.transcript.trim();
    if (text !== '') turn.lastText = text;
    if (info.event === 'EndOfTurn') return end(turn);
    if (turn.ended) return [];
    if (info.event === 'EagerEndOfTurn') return maybeEnd(turn);
    return [...(info.event === 'TurnResumed' ? resume(turn) : []), ...tell(turn, false)];
  }

  function turnOf(index: number): Turn {
    const known = turns.get(index);
    if (known) return known;
    const turn = { utterance: index, told: '', lastText: '', maybe: false, ended: false };
    turns.set(index, turn);
    turns.delete(index - 8); // Late messages reach back a turn, not more.
    return turn;
  }

  return read;
}

/** Up to where the stream's sound is known of by a message about a turn. */
export function fluxHeardUntilMs(message: unknown): number | undefined {
  const { data } = window.safeParse(message);
  return data && data.audio_window_end * 1000;
}

function tell(turn: Turn, final: boolean): TranscriberFact[] {
  const told = `${final}:${turn.lastText}`;
  if (turn.lastText === '' || told === turn.told) return [];
  turn.told = told;
  return [{ type: 'stt.words', utterance: turn.utterance, text: turn.lastText, final }];
}

function maybeEnd(turn: Turn): TranscriberFact[] {
  const { utterance, lastText: text } = turn;
  if (text === '') return [];
  turn.maybe = true;
  return [...tell(turn, false), { type: 'stt.turn_maybe_ended', utterance, text }];
}

function resume(turn: Turn): TranscriberFact[] {
  const wasMaybe = turn.maybe;
  turn.maybe = false;
  return wasMaybe ? [{ type: 'stt.turn_resumed', utterance: turn.utterance }] : [];
}

function end(turn: Turn): TranscriberFact[] {
  const { utterance, lastText: text, ended } = turn;
  turn.ended = true;
  if (text === '') return [];
  const words = tell(turn, true);
  return ended ? words : [...words, { type: 'stt.turn_ended', utterance, text }];
}

const onError = (error: z.infer<typeof fatal> | undefined): TranscriberFact[] | undefined =>
  error && [
    { type: 'stt.failed', failure: errorMessage(error.code, error.description ?? 'error without a description') },
  ];

/** When a turn ends: confidences 0.3–0.9 and 0.5–1.0, and the quiet after which it ends anyway. */
export interface Thresholds {
  readonly eager_eot_threshold: number;
  readonly eot_threshold: number;
  readonly eot_timeout_ms: number;
}

const unhurried: Thresholds = { eager_eot_threshold: 0.5, eot_threshold: 0.7, eot_timeout_ms: 3000 };
const quick: Thresholds = { eager_eot_threshold: 0.4, eot_threshold: 0.6, eot_timeout_ms: 2000 };
/** Confidence says little about numbers read in groups: 1.0 switches it off and leaves the quiet to decide. */
const patient: Thresholds = { eager_eot_threshold: 0.9, eot_threshold: 1, eot_timeout_ms: 1500 };

const thresholdsFor: Record<Expectation['kind'], Thresholds> = {
  open: unhurried,
  yesNo: quick,
  digits: patient,
  spelling: patient,
};

export interface Configure {
  readonly type: 'Configure';
  readonly thresholds: Thresholds;
  readonly keyterms: string[];
}

/** The message that makes the stream listen for what is expected; `terms` are the agent's own and stay. */
export const configureFor = (expectation: Expectation, terms: readonly string[]): Configure => ({
  type: 'Configure',
  thresholds: thresholdsFor[expectation.kind],
  keyterms: [...new Set([...terms, ...(expectation.terms ?? [])])],
});
