import { z } from 'zod';
import type { TranscriberFact } from '../../actors/transcriber.ts';
import { errorMessage } from './failure.ts';

/** Binary arrives as a Blob, which has a `type` too: an empty one. */
const envelope = z.object({ type: z.string().min(1) });

const results = z.object({
  start: z.number(),
  duration: z.number(),
  is_final: z.boolean().optional(),
  speech_final: z.boolean().optional(),
  channel: z.object({ alternatives: z.array(z.object({ transcript: z.string() })).min(1) }),
});

const utteranceEnd = z.object({ last_word_end: z.number() });

/** Documented, never captured: everything in it is optional. */
const vendorError = z.object({
  variant: z.string().optional(),
  message: z.string().optional(),
  description: z.string().optional(),
});

/** A settled piece of an utterance, in seconds of the stream. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface Spoken {
  readonly utterance: number;
  readonly segments: Segment[];
  /** What was reported last, so that the same is not said twice. */
  told: string;
}

/** Segments of one stream touch each other; this much overlap (seconds) is rounding. */
const slackS = 0.05;

const textOf = (segments: readonly Segment[], interim = ''): string =>
  [...segments.map(({ text }) => text), interim].filter((text) => text !== '').join(' ');

const unused = (utterance: number): Spoken => ({ utterance, segments: [], told: '' });

/**
 * Reads v1 messages. An utterance is everything until `speech_final` or `UtteranceEnd`: long ones come in several finals.
 * A final for audio that is settled already amends the utterance it lies in; an empty one takes nothing away: words that
 * were heard in an interim and left out of an empty final are kept, because a lost turn is worse than a doubtful word.
 */
export function createNovaReader(): (message: unknown) => readonly TranscriberFact[] | undefined {
  let previous: Spoken | undefined;
  let current = unused(0);
  let interim = '';
  let settledUntil = 0;

  function read(message: unknown): readonly TranscriberFact[] | undefined {
    const type = envelope.safeParse(message).data?.type;
    if (type === 'Results') return whenRead(results.safeParse(message).data, onResults);
    if (type === 'UtteranceEnd') return whenRead(utteranceEnd.safeParse(message).data, onUtteranceEnd);
    if (type === 'Error') return whenRead(vendorError.safeParse(message).data, onError);
    return type === undefined ? undefined : [];
  }

  function onResults(result: z.infer<typeof results>): TranscriberFact[] {
    const text = result.channel.alternatives[0]!.transcript.trim();
    const segment = { start: result.start, end: result.start + result.duration, text };
    const stale = segment.start < settledUntil - slackS;
    if (result.is_final !== true) return stale || text === '' ? [] : onInterim(text);
    if (stale) return text === '' ? [] : amend(segment);
    return [...settle(segment), ...(result.speech_final === true ? close() : [])];
  }

  function onInterim(text: string): TranscriberFact[] {
    interim = text;
    return tell(current, textOf(current.segments, interim), false);
  }

  function settle(segment: Segment): TranscriberFact[] {
    const text = segment.text === '' ? interim : segment.text;
    interim = '';
    settledUntil = Math.max(settledUntil, segment.end);
    if (text === '') return [];
    current.segments.push({ ...segment, text });
    return tell(current, textOf(current.segments), true);
  }

  function amend(segment: Segment): TranscriberFact[] {
    const overlaps = ({ start, end }: Segment) => start < segment.end - slackS && end > segment.start + slackS;
    const owner = [current, previous].find((spoken) => spoken?.segments.some(overlaps));
    if (!owner) return [];
    const first = owner.segments.findIndex(overlaps);
    const kept = owner.segments.filter((known) => !overlaps(known));
    owner.segments.splice(0, owner.segments.length, ...kept.toSpliced(first, 0, segment));
    return tell(owner, textOf(owner.segments, owner === current ? interim : ''), true);
  }

  function onUtteranceEnd({ last_word_end: end }: z.infer<typeof utteranceEnd>): TranscriberFact[] {
    const pending =
      interim === '' ? [] : settle({ start: settledUntil, end: Math.max(end, settledUntil), text: interim });
    return [...pending, ...close()];
  }

  function close(): TranscriberFact[] {
    const text = textOf(current.segments);
    if (text === '') return [];
    const { utterance } = current;
    previous = current;
    current = unused(utterance + 1);
    return [{ type: 'stt.turn_maybe_ended', utterance, text }];
  }

  return read;
}

/** Up to where the stream's sound is known of by a result. */
export function novaHeardUntilMs(message: unknown): number | undefined {
  const { data } = results.safeParse(message);
  return data && (data.start + data.duration) * 1000;
}

function tell(spoken: Spoken, text: string, final: boolean): TranscriberFact[] {
  const told = `${final}:${text}`;
  if (told === spoken.told) return [];
  spoken.told = told;
  return [{ type: 'stt.words', utterance: spoken.utterance, text, final }];
}

const whenRead = <T>(value: T | undefined, read: (value: T) => TranscriberFact[]): TranscriberFact[] | undefined =>
  value === undefined ? undefined : read(value);

const onError = ({ variant, message, description }: z.infer<typeof vendorError>): TranscriberFact[] => [
  { type: 'stt.failed', failure: errorMessage(variant, description ?? message ?? 'error without a description') },
];
