import { Stream } from 'openai/streaming';
import type { Utterance, Voice } from '../../actors/voice.ts';
import { createThirdDropper } from '../../audio/resample.ts';
import { createSampleReader } from '../../audio/sample-reader.ts';
import type { Clock } from '../../clock.ts';
import type { Failure, FailurePhase } from '../../failure.ts';
import { shielded, type Threw } from '../shielded.ts';
import { type AccountOptions, openAccount } from './client.ts';
import { failureFrom, truncated } from './failure.ts';
import { createUtterance, type Sound, Unspoken } from './utterance.ts';

export interface OpenAiVoiceOptions extends Omit<AccountOptions, 'provider' | 'name'> {
  /** Such as `alloy`. */
  readonly voice: string;
  readonly model?: string;
  readonly clock: Clock;
  /** Told when a receiver of facts threw: that fact is lost. */
  readonly threw?: Threw;
}

export interface OpenAiVoice extends Voice {
  /** Opens a connection, or keeps one, and proves the key, unbilled (`GET /models`). Gives what was wrong. */
  warm(): Promise<Failure | undefined>;
  /** Closes idle connections and gives up warming; utterances end by their signals. Idempotent. */
  close(): Promise<void>;
  /** Asks over new connections from now on; what is under way is still answered over the old ones. */
  drop(): void;
}

/** Of an answer's events what is read here (`stream_format: 'sse'`). */
interface SpeechEvent {
  readonly type?: string;
  /** Base64 of 16-bit little-endian mono PCM at 24 kHz. */
  readonly audio?: string;
}

const silent: Utterance = { say: () => undefined, end: () => undefined };

/**
 * OpenAI's voices over its speech API, one request a text. The vendor tells no times of words: they are estimated by the words'
 * lengths over the sound of their text, so what was heard may be off by a word or two where an utterance is cut. Which language is
 * spoken the vendor hears from the text. Events and not bare bytes are asked for, since only these tell a whole answer from a cut one.
 */
export function createOpenAiVoice(options: OpenAiVoiceOptions): OpenAiVoice {
  const { voice, model = 'gpt-4o-mini-tts' } = options;
  const name = 'openai';
  const { client, scrub, warm, drop, close } = openAccount({ ...options, name, provider: 'openai' });

  async function* sound(input: string, signal: AbortSignal): Sound {
    let phase: FailurePhase = 'connect';
    try {
      const body = { model, voice, input, response_format: 'pcm', stream_format: 'sse' } as const;
      const response = await client.audio.speech.create(body, { signal });
      phase = 'stream';
      if (!(yield* samplesOf(Stream.fromSSEResponse<SpeechEvent>(response, new AbortController(), client))))
        throw new Unspoken(truncated(name, response.headers.get('content-type')));
    } catch (error) {
      throw error instanceof Unspoken ? error : new Unspoken(failureFrom(name, phase, error, scrub));
    }
  }

  return {
    name,
    utter({ signal }, report) {
      if (signal.aborted) return silent;
      return createUtterance({ sound, clock: options.clock, signal, report: shielded(report, options.threw) });
    },
    warm: () => warm(({ models }, asked) => models.list(asked)),
    drop,
    close,
  };
}

/** 16 kHz PCM as it comes; true when the answer was whole. */
async function* samplesOf(events: Stream<SpeechEvent>): AsyncGenerator<Int16Array, boolean> {
  const read = createSampleReader();
  const { push } = createThirdDropper();
  for await (const event of events) {
    if (event.type === 'speech.audio.delta') yield push(read(Buffer.from(event.audio ?? '', 'base64')));
    if (event.type === 'speech.audio.done') return true;
  }
  return false;
}
