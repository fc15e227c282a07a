import type { Transcriber } from '../../actors/transcriber.ts';
import { frameMs } from '../../audio/pcm.ts';
import { createNovaReader, novaHeardUntilMs } from './nova-codec.ts';
import { audioFormat, type DeepgramOptions, type Dialect, openStream, type SocketOptions } from './stream.ts';

export interface NovaOptions extends DeepgramOptions {
  /** Default `nova-3`. */
  readonly model?: string;
  /** Quiet after which the vendor settles what was said. Default 100: the machine decides turns, it only needs finals soon. */
  readonly endpointingMs?: number;
  /** Gap between words after which an utterance ends where noise hides the quiet. At least 1,000. */
  readonly utteranceEndMs?: number;
  /** Prettier numbers and dates, but finals wait for an entity to end. Default off; numerals and punctuation are on. */
  readonly smartFormat?: boolean;
  /** Audio per message, 20–250. Default 20: one frame, nothing waits (finals came 141 ms after the last sound, with 100: 201). */
  readonly chunkMs?: number;
}

type NovaSocket = Awaited<ReturnType<typeof dial>>;

/**
 * Deepgram Nova (v1) as a transcriber that does not decide turns: `speech_final` is a `stt.turn_maybe_ended`.
 * `expect` changes nothing there, its terms would need a new stream; `finalize` asks for the final of what was said.
 */
export function createNova(options: NovaOptions): Transcriber {
  const { model = 'nova-3' } = options;
  return {
    name: `deepgram/${model}`,
    decidesTurns: false,
    tellsEarly: true,
    open({ signal, languages, terms }, report) {
      const query = novaQuery(options, languages, terms);
      const stream = openStream(dialectOf(query, options.chunkMs ?? frameMs), options, signal, report);
      return {
        write: stream.write,
        expect: () => {},
        finalize: () => stream.command((socket) => socket.sendFinalize({ type: 'Finalize' })),
      };
    },
  };
}

function dialectOf(query: NovaQuery, chunkMs: number): Dialect<NovaSocket> {
  return {
    dial: (client, socket) => dial(client, query, socket),
    read: createNovaReader(),
    heardUntilMs: novaHeardUntilMs,
    opensWithSocket: true,
    chunkMs,
    // Ten seconds with neither audio nor text and the vendor closes with NET-0001.
    idle(socket) {
      socket.sendKeepAlive({ type: 'KeepAlive' });
      return 0;
    },
    idleMs: 3000,
  };
}

const dial = (client: Parameters<Dialect<never>['dial']>[0], query: NovaQuery, socket: SocketOptions) =>
  client.listen.v1.connect({ ...query, ...socket });

type NovaQuery = ReturnType<typeof novaQuery>;

/** Every parameter that matters, spelled out; booleans are strings on this wire. */
function novaQuery(options: NovaOptions, languages: readonly string[], terms: readonly string[]) {
  const { model = 'nova-3', endpointingMs = 100, utteranceEndMs = 1000, smartFormat = false } = options;
  return {
    model,
    ...audioFormat,
    channels: 1,
    language: languages.length > 1 ? 'multi' : (languages[0] ?? 'en'),
    interim_results: 'true',
    endpointing: endpointingMs,
    utterance_end_ms: utteranceEndMs,
    vad_events: 'true',
    smart_format: smartFormat ? 'true' : 'false',
    punctuate: 'true',
    numerals: 'true',
    profanity_filter: 'false',
    ...(terms.length === 0 ? {} : { keyterm: [...terms] as unknown as string }),
  };
}
