import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { startEmulator, type Arrival, type Emulator } from '../kit/emulator.ts';
import { createJournal } from '../kit/journal.ts';
import { createSettings } from '../kit/settings.ts';
import { createCast, type Cast } from './cast.ts';
import { frontRoutes } from './control.ts';
import { createRecorder, type Recorder } from './egress/recorder.ts';
import { methodsOf, type Method } from './methods.ts';
import { createInlet, type Inlet } from './ingress/inlet.ts';
import { createPassThrough } from './pass-through.ts';
import { BadToken, rightsOf } from './rights.ts';
import { createRealServer } from './server.ts';
import { settingsShape, type LiveKitFrontSettings, type LiveKitFrontSettingsInput } from './settings.ts';
import { openSipResponder } from './sip-options.ts';
import { createGateway, type Gateway } from './sip/gateway.ts';
import { answer, decode, refuse, TwirpError, wireOf } from './twirp.ts';
import { createWebhooks } from './webhooks.ts';

export interface LiveKitFrontOptions {
  /** The real livekit-server: `ws://…` or `http://…`. */
  readonly upstream: string;
  /** A key of that server: webhooks are signed with it, and the front asks the server with it. */
  readonly apiKey: string;
  readonly apiSecret: string;
  /** Further keys that the server lets in, secrets by key. */
  readonly moreKeys?: Readonly<Record<string, string>>;
  /** Where webhooks of recordings and streams go: the addresses that the real server has for its own. */
  readonly webhookUrls?: readonly string[];
  /** Recordings without a storage are written here, whatever their path; default a folder of the system's for temporary files. */
  readonly recordingsFolder?: string;
  readonly port?: number;
  readonly controlPort?: number;
  /** Of the UDP address that answers SIP OPTIONS. */
  readonly sipPort?: number;
  readonly settings?: LiveKitFrontSettingsInput;
  /** Who joins rooms; default real participants with real sound. */
  readonly cast?: Cast;
}

export interface LiveKitFront
  extends
    Emulator<LiveKitFrontSettings>,
    Pick<Gateway, 'calls' | 'called' | 'adopt'>,
    Pick<Recorder, 'job'>,
    Pick<Inlet, 'connectStreamer' | 'stopStreamer'> {
  /** `ws://127.0.0.1:port`: the LIVEKIT_URL that serves both, the front and the real server behind it. */
  readonly url: string;
  /** `http://127.0.0.1:port`. */
  readonly httpUrl: string;
  /** On UDP, answers SIP OPTIONS. */
  readonly sipPort: number;
}

const mostBodyBytes = 10 * 1024 * 1024;

/**
 * A livekit-server with a SIP gateway, a recorder and an ingress: answers on its own what only those processes can answer, and
 * passes everything else, websockets too, to the real server behind it.
 *
 *     const front = await startLiveKitFront({ upstream: server.url, apiKey, apiSecret, webhookUrls: [door] });
 *     // LIVEKIT_URL=front.url for whoever is to be tested
 *     front.settings.change({ callees: { '+15550101': { does: 'refuse', status: 486 } } });
 *     const call = await front.called('+15550102');   // a call out to this number, past or to come
 *     await call.phone.sayWords('hello');             // its callee: hears, speaks, types; call.answer(), refuse(603), hangUp()
 *     front.job(egressId)?.fail('out of disk');       // a recording ends badly
 *     const streamer = await front.connectStreamer(streamKey);   // an ingress goes on air; front.stopStreamer(ingressId)
 *     await front.close();
 *
 * What a number does is chosen in the settings before it is called: `callees` by number and `callee` for all others, `{ does:
 * 'answer' | 'refuse' | 'ring' | 'nothing' | 'no_tcp', status, afterMs, hangUpAfterMs }`; `transfers` by target and `transfer`: `{ does:
 * 'accept' | 'refuse' | 'fail' | 'nothing', status, afterMs }`; `recordings` by room and `recording`: `{ does: 'record' |
 * 'fail_at_start' | 'fail' | 'abort' | 'limit' | 'hang' | 'no_worker', apiMs, activeMs, completeMs }`; `pulls` by URL and `pull` (see
 * `settings.ts`). By HTTP the same: `control.ts`. Faults of the
 * kit strike what the front answers and what it passes on.
 */
export async function startLiveKitFront(options: LiveKitFrontOptions): Promise<LiveKitFront> {
  const { apiKey, apiSecret, webhookUrls = [] } = options;
  const upstream = options.upstream.replace(/^ws/, 'http');
  const keys = new Map([...Object.entries(options.moreKeys ?? {}), [apiKey, apiSecret]]);
  const journal = createJournal();
  const settings = createSettings(settingsShape, options.settings);
  const livekitUrl = options.upstream.replace(/^http/, 'ws');
  const cast = options.cast ?? createCast({ livekitUrl, apiKey, apiSecret });
  const server = createRealServer({ upstream, apiKey, apiSecret });
  const webhooks = createWebhooks({ urls: webhookUrls, key: { apiKey, apiSecret }, journal });
  const folder = options.recordingsFolder ?? join(tmpdir(), 'voicechart-recordings');
  const gateway = createGateway({ cast, server, journal, settings });
  const recorder = createRecorder({ cast, server, journal, settings, webhooks, folder });
  const inlet = createInlet({ cast, journal, settings, webhooks });
  const methods = methodsOf({ gateway, recorder, inlet });
  const pass = createPassThrough(upstream);

  const inner = createServer((request, response) => void serve(request, response).catch(() => response.destroy()));
  inner.on('upgrade', upgrade);
  const kit = await startEmulator({
    inner,
    settings,
    journal,
    port: options.port ?? 0,
    controlPort: options.controlPort ?? 0,
    more: frontRoutes({ gateway, recorder, inlet }),
  });
  const sip = await openSipResponder({ journal, port: options.sipPort ?? 0 });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = pathOf(request);
    const arrival = kit.arrive(request, path);
    if (await struck(arrival, response)) return;
    const method = methods.get(path);
    if (!method) return pass.request(request, response);
    journal.note('request.arrived', { connection: arrival.connection.number, path });
    try {
      await run(method, request, response);
    } catch (error) {
      refused(error, response);
    }
  }

  async function run(method: Method, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request);
    const rights = await rightsOf(request, keys);
    const wire = wireOf(request);
    answer(response, wire, await method.run(decode(method.request, wire, body), rights));
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { connection, fault } = kit.arrive(request, pathOf(request));
    if (fault?.kind === 'reset') return connection.reset();
    if (fault?.kind === 'status') return void socket.end(`HTTP/1.1 ${fault.status} Struck\r\n\r\n`);
    if (fault?.kind === 'hang') return;
    pass.upgrade(request, socket, head);
  }

  return {
    port: kit.port,
    controlUrl: kit.controlUrl,
    journal,
    faults: kit.faults,
    settings,
    url: `ws://127.0.0.1:${kit.port}`,
    httpUrl: `http://127.0.0.1:${kit.port}`,
    calls: gateway.calls,
    called: gateway.called,
    adopt: gateway.adopt,
    job: recorder.job,
    connectStreamer: inlet.connectStreamer,
    stopStreamer: inlet.stopStreamer,
    sipPort: sip.port,
    async close() {
      webhooks.close();
      pass.close();
      await Promise.all([kit.close(), cast.close(), sip.close()]);
    },
  };
}

const pathOf = ({ url = '/' }: IncomingMessage): string => url.split('?')[0]!;

/** Faults that strike before the answer begins. True when one did. */
async function struck({ connection, fault }: Arrival, response: ServerResponse): Promise<boolean> {
  if (fault?.kind === 'reset') connection.reset();
  else if (fault?.kind === 'status') {
    const body = typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? {});
    response.writeHead(fault.status!, { 'content-type': 'application/json', ...fault.headers }).end(body);
  } else if (fault?.kind === 'slow') {
    await new Promise((resolve) => void setTimeout(resolve, fault.delayMs ?? 1000));
    return false;
  } else return fault?.kind === 'hang' || fault?.kind === 'stall';
  return true;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > mostBodyBytes) throw new TwirpError('malformed', 'failed to read request body');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

function refused(error: unknown, response: ServerResponse): void {
  if (error instanceof TwirpError) return refuse(response, error);
  if (error instanceof BadToken)
    return void response.writeHead(401, { 'content-type': 'text/plain; charset=utf-8' }).end(error.message);
  refuse(response, new TwirpError('internal', error instanceof Error ? error.message : String(error)));
}
