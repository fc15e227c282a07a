import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Arrival } from '../kit/emulator.ts';
import { createGate } from '../kit/faults.ts';

/** What the vendor says in the midst of an answer that goes wrong. */
export const errorOf = (body: unknown) =>
  body ?? { error: { message: 'The server had an error.', type: 'server_error', code: 'server_error' } };

/** An answer that is no stream, in two pieces, each a result: so it meets the same faults. */
export async function answerWhole(
  answer: { readonly type: string; readonly body: string },
  { connection, fault }: Arrival,
  response: ServerResponse,
  dueAt: number,
): Promise<void> {
  const gate = createGate(fault);
  await delay(Math.max(0, dueAt - performance.now()));
  if (fault?.kind === 'hang') return;
  response.writeHead(200, { 'content-type': answer.type });
  response.flushHeaders();
  const half = Math.ceil(answer.body.length / 2);
  for (const piece of [answer.body.slice(0, half), answer.body.slice(half)]) {
    // oxlint-disable-next-line no-await-in-loop
    await delay(gate.delayMs);
    if (response.destroyed) return;
    const verdict = gate.next();
    if (verdict === 'stall') return;
    if (verdict === 'reset') return connection.reset();
    if (verdict === 'close') return void response.end();
    if (fault?.kind === 'error') return void response.end(JSON.stringify(errorOf(fault.body)));
    response.write(verdict === 'garbage' ? '<html>' : piece);
  }
  response.end();
}
