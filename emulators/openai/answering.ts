import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arrival, Emulator } from '../kit/emulator.ts';
import { createGate } from '../kit/faults.ts';
import { randomId, type Piece } from './chunks.ts';
import { type Provider, type Refusal, retiredModel, unknownModel } from './request.ts';
import type { OpenAiSettings } from './settings.ts';
import { errorOf } from './whole.ts';

/** What answers are made with. */
export interface Answering {
  readonly journal: Emulator<OpenAiSettings>['journal'];
  readonly settings: { readonly values: OpenAiSettings };
  /** The only models there are. */
  readonly models: readonly string[] | undefined;
}

export interface Asked extends Arrival {
  /** When the request came, of `performance.now()`. */
  readonly cameAt: number;
  readonly scenario: string | undefined;
}

/** Why a model does not answer. */
export function modelRefusal({ settings, models }: Answering, provider: Provider, model: string): Refusal | undefined {
  if (settings.values.retiredModels.includes(model)) return retiredModel(provider, model);
  const known = models ? models.includes(model) : !model.startsWith('missing');
  return known ? undefined : unknownModel(model);
}

/** `pacedMs`: when each piece is due, after the request. */
export async function stream(
  pieces: readonly Piece[],
  pacedMs: readonly number[],
  arrival: Asked,
  response: ServerResponse,
  ending: { readonly text: string; readonly afterMs: number },
) {
  const { connection, fault, cameAt } = arrival;
  const gate = createGate(fault);
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  response.flushHeaders();
  if (fault?.kind === 'hang') return;
  // Counted from one start, so that neither late timers nor our own work add up.
  for (const [index, piece] of pieces.entries()) {
    const dueAt = cameAt + pacedMs[index]! + (index + 1) * gate.delayMs;
    await delay(Math.max(0, dueAt - performance.now()));
    if (response.destroyed) return;
    const verdict = piece.token ? gate.next() : 'pass';
    if (verdict === 'stall') return;
    if (verdict === 'reset') return connection.reset();
    if (verdict === 'close') return void response.end();
    if (fault?.kind === 'error' && index > (fault.after ?? 0)) return void response.end(event(errorOf(fault.body)));
    response.write(verdict === 'garbage' ? 'data: {"id":"chatcmpl-\n\n' : event(piece.data));
  }
  if (ending.afterMs === 0) return void response.end(ending.text);
  response.write(ending.text);
  await delay(ending.afterMs);
  response.end();
}

const event = (data: unknown): string => `data: ${JSON.stringify(data)}\n\n`;

export function refuse(response: ServerResponse, { status, error }: Refusal): void {
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': `req_${randomId()}` });
  response.end(JSON.stringify({ error }));
}
