import type { WebSocket } from 'ws';
import { closeSocket } from '../kit/close.ts';
import type { EmulatorKit } from '../kit/emulator.ts';
import type { Connection } from '../kit/front.ts';
import { createRandom } from '../kit/random.ts';
import type { Strike, Striking } from '../kit/strikes.ts';
import { createContext, garbage, type Context } from './context.ts';
import { fixedFields, readClientMessage, wireError, type Generation, type WireError } from './request.ts';
import type { CartesiaSettings } from './settings.ts';
import { createSpeaker } from './speech.ts';

export const socketPath = '/tts/websocket';

export interface TalkOptions {
  readonly ws: WebSocket;
  readonly connection: Connection;
  readonly scenario: string | undefined;
  readonly kit: EmulatorKit<CartesiaSettings>;
  readonly nextNumber: () => number;
  /** Contexts that are active on all sockets together. */
  readonly active: { contexts: number };
}

/** One socket: contexts by their ids, an idle limit, errors in the vendor's shape. */
export function talk({ ws, connection, scenario, kit, nextNumber, active }: TalkOptions): Striking {
  const { journal, settings } = kit;
  const contexts = new Map<string, Context>();
  const over = new Set<string>();
  const { number } = connection;
  let idle: NodeJS.Timeout | undefined;
  let stalled = false;

  function send(event: Record<string, unknown>): void {
    sendRaw(JSON.stringify(event));
  }

  function sendRaw(text: string): void {
    if (ws.readyState === ws.OPEN && !stalled) ws.send(text);
  }

  function touch(): void {
    clearTimeout(idle);
    idle = setTimeout(() => ws.close(1000, 'idle'), settings.values.idleCloseMs);
  }

  function fail(error: WireError, context_id?: string): void {
    journal.note('error.sent', { connection: number, context: context_id, error });
    send({ type: 'error', done: true, ...error, ...(context_id !== undefined && { context_id }) });
  }

  function open(first: Generation): Context {
    const { context_id } = first;
    active.contexts += 1;
    journal.note('context.opened', { connection: number, context: context_id });
    const context = createContext({
      first,
      speaker: createSpeaker(first.output_format.sample_rate, nextNumber, settings.values),
      settings: () => settings.values,
      random: createRandom(`${settings.values.seed} ${scenario} ${first.transcript}`),
      fault: kit.strike({ connection: number, path: socketPath, scenario, stage: 'stream' }),
      wire: {
        send,
        sendRaw,
        reset: () => connection.reset(),
        close: (code, reason) => closeSocket(ws, code, reason),
        generated: (text, { words }) =>
          journal.note('speech.generated', { connection: number, context: context_id, text, words }),
        ended(why) {
          active.contexts -= 1;
          contexts.delete(context_id);
          over.add(context_id);
          journal.note('context.ended', { connection: number, context: context_id, why });
        },
      },
    });
    contexts.set(context_id, context);
    return context;
  }

  function generate(request: Generation): void {
    const { context_id } = request;
    const known = contexts.get(context_id);
    const problem = over.has(context_id)
      ? wireError(400, 'context_closed', 'Context has closed', 'this context takes no more input')
      : problemOf(request, known, settings.values, active.contexts);
    if (problem) return fail(problem, context_id);
    (known ?? open(request)).push(request);
  }

  function strike({ kind, code, reason }: Strike): void {
    if (kind === 'reset') connection.reset();
    else if (kind === 'stall') stalled = true;
    else if (kind === 'deaf') ws.pause();
    else if (kind === 'garbage') sendRaw(garbage);
    else if (kind === 'close') closeSocket(ws, code ?? 1000, reason);
    else fail(wireError(500, 'internal_error', 'Internal error', 'It broke.'));
  }

  touch();
  journal.note('socket.opened', { connection: number });
  ws.on('error', () => undefined);
  ws.on('message', (data) => {
    touch();
    const message = readClientMessage(String(data));
    journal.note('message.received', { connection: number, message });
    if ('error' in message) return fail(message.error, message.context_id);
    if ('cancel' in message) return contexts.get(message.cancel)?.cancel();
    generate(message);
  });
  ws.on('close', (code) => {
    clearTimeout(idle);
    for (const context of contexts.values()) context.drop();
    active.contexts -= contexts.size;
    journal.note('socket.closed', { connection: number, code });
  });
  return { connection: number, strike };
}

function problemOf(
  request: Generation,
  known: Context | undefined,
  { unknownVoices, concurrency }: CartesiaSettings,
  active: number,
): WireError | undefined {
  if (known && known.fixed !== fixedFields(request))
    return wireError(400, 'invalid_request', 'Context has closed', 'only transcript and continue may change');
  if (known) return undefined;
  const voice = typeof request.voice === 'string' ? request.voice : request.voice.id;
  if (unknownVoices.includes(voice))
    return wireError(404, 'voice_not_found', 'Voice not found', `there is no voice ${voice}`);
  return active >= concurrency
    ? wireError(429, 'concurrency_limited', 'Too many concurrent contexts', `the limit is ${concurrency}`)
    : undefined;
}
