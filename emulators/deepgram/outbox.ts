import type { WebSocket } from 'ws';
import { closeSocket } from '../kit/close.ts';
import { createGate, type Fault } from '../kit/faults.ts';
import type { Connection } from '../kit/front.ts';
import { createInTurn } from './in-turn.ts';

export interface Outbox {
  send(message: Readonly<Record<string, unknown>>): void;
  /** Closes in turn, after what was sent before. 1005 means without a status. */
  close(code: number, reason?: string): void;
  /** Sends nothing more from now on, and stays open. */
  stall(): void;
  /** Something that is no JSON. */
  spoil(): void;
  /** Forgets what was not sent yet. */
  end(): void;
}

const wrongShape = { type: 'Results', channel: 'none' };

/** What goes out of one stream, one after the other, under the stream's fault. */
export function createOutbox(options: {
  readonly socket: WebSocket;
  readonly connection: Connection;
  readonly fault: Fault | undefined;
  readonly sent: (message: Readonly<Record<string, unknown>>) => void;
}): Outbox {
  const { socket, connection, fault, sent } = options;
  const gate = createGate(fault);
  const queue = createInTurn();
  let stalled = false;

  function deliver(message: Readonly<Record<string, unknown>>): void {
    if (stalled) return;
    const verdict = gate.next();
    if (verdict === 'stall') stalled = true;
    else if (verdict === 'reset') connection.reset();
    else if (verdict === 'close') closeSocket(socket, fault?.code ?? 1000, fault?.reason);
    else if (verdict === 'garbage') spoil();
    else write(message);
  }

  function write(message: Readonly<Record<string, unknown>>): void {
    socket.send(JSON.stringify(message));
    sent(message);
  }

  function spoil(): void {
    socket.send('{"type":"Results","chan');
    write(wrongShape);
    for (let i = 0; i < 4; i += 1) socket.send(Buffer.from([0, 1, 2, 3]));
  }

  return {
    send: (message) => queue.add(gate.delayMs, () => deliver(message)),
    close: (code, reason) => queue.add(gate.delayMs, () => stalled || closeSocket(socket, code, reason)),
    stall: () => (stalled = true),
    spoil,
    end: queue.end,
  };
}
