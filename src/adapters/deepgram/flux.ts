import type { Expectation, Transcriber } from '../../actors/transcriber.ts';
import { frameMs } from '../../audio/pcm.ts';
import { configureFor, createFluxReader, fluxHeardUntilMs } from './flux-codec.ts';
import { audioFormat, type DeepgramOptions, type Dialect, openStream, type SocketOptions } from './stream.ts';

export interface FluxOptions extends DeepgramOptions {
  /** Default: `flux-general-en` for English alone, else `flux-general-multi` with the languages as hints. */
  readonly model?: string;
  /**
   * Audio per message. Default 20: one frame, nothing waits. Paced in real time, an end of turn came 143 ms after the last
   * sound (emulator at 150 ms; with 40: 161, with the 80 that the vendor recommends: 183); each costs under 0.1 % of a core.
   */
  readonly chunkMs?: number;
  /** The account has `ForceEndTurn`; without it the vendor closes the stream when it gets one. Default false. */
  readonly canForceEnd?: boolean;
}

type FluxSocket = Awaited<ReturnType<typeof dial>>;

/** Deepgram Flux (v2) as a transcriber that decides turns itself. */
export function createFlux(options: FluxOptions): Transcriber {
  return {
    name: `deepgram/${options.model ?? 'flux'}`,
    decidesTurns: true,
    tellsEarly: true,
    open({ signal, languages, terms }, report) {
      const open: Expectation = { kind: 'open' };
      const query = fluxQuery(options, languages, terms);
      const stream = openStream(dialectOf(query, options.chunkMs ?? frameMs), options, signal, report);
      let configured = JSON.stringify(configureFor(open, terms));
      return {
        write: stream.write,
        expect(expectation) {
          const configure = configureFor(expectation, terms);
          if (JSON.stringify(configure) === configured) return;
          configured = JSON.stringify(configure);
          stream.command((socket) => socket.sendConfigure(configure));
        },
        finalize() {
          if (options.canForceEnd) stream.command((socket) => socket.sendForceEndTurn({ type: 'ForceEndTurn' }));
        },
      };
    },
  };
}

function dialectOf(query: FluxQuery, chunkMs: number): Dialect<FluxSocket> {
  return {
    dial: (client, socket) => dial(client, query, socket),
    read: createFluxReader(),
    heardUntilMs: fluxHeardUntilMs,
    // Audio sent before `Connected` may be lost.
    opensWithSocket: false,
    chunkMs,
    // v2 knows no KeepAlive (it answers with a close); silence also lets its turn clock go on.
    idle(socket, silence) {
      socket.sendMedia(silence);
      return silence.length;
    },
    idleMs: 1000,
  };
}

const dial = (client: Parameters<Dialect<never>['dial']>[0], query: FluxQuery, socket: SocketOptions) =>
  client.listen.v2.connect({ ...query, ...socket });

type FluxQuery = ReturnType<typeof fluxQuery>;

/** Every parameter that matters, spelled out. The English model refuses language hints. */
function fluxQuery(options: FluxOptions, languages: readonly string[], terms: readonly string[]) {
  const english = languages.every((language) => language.startsWith('en'));
  const model = options.model ?? (english ? 'flux-general-en' : 'flux-general-multi');
  return {
    model,
    ...audioFormat,
    ...configureFor({ kind: 'open' }, []).thresholds,
    numerals: 'true',
    profanity_filter: 'false',
    ...(model === 'flux-general-multi' && languages.length > 0 ? { language_hint: [...languages] } : {}),
    ...(terms.length === 0 ? {} : { keyterm: [...terms] }),
  };
}
