import type { Server as HttpServer, IncomingMessage } from 'node:http';
import { type ControlHandler, openControl } from './control.ts';
import type { FaultKind } from './fault-kinds.ts';
import { createFaults, type Fault, type Faults, type FaultTarget } from './faults.ts';
import { openFront, type Connection, type Front } from './front.ts';
import { createJournal, type Journal } from './journal.ts';
import type { Settings } from './settings.ts';

/** What every running emulator offers whoever started it. */
export interface Emulator<Values> {
  readonly port: number;
  /** Address of the HTTP control server. */
  readonly controlUrl: string;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly settings: Settings<Values>;
  close(): Promise<void>;
}

export interface EmulatorOptions<Values> {
  /** The HTTP or HTTPS server that speaks the vendor's wire; it is fed with connections and never listens itself. */
  readonly inner: HttpServer;
  readonly settings: Settings<Values>;
  /** Faults of this vendor alone. */
  readonly specialFaults?: Readonly<Record<string, FaultKind>>;
  readonly journal?: Journal;
  readonly port?: number;
  readonly controlPort?: number;
  /** Routes of the control server beside the common ones, such as `POST /script`. */
  readonly more?: Readonly<Record<string, ControlHandler>>;
}

/** A request or upgrade that came in, with the fault that hits it (already noted in the journal). */
export interface Arrival {
  readonly connection: Connection;
  readonly fault: Fault | undefined;
}

/** What the vendor's own part works with. */
export interface EmulatorKit<Values> extends Emulator<Values> {
  /** Call once per request or upgrade. `path` without the query. */
  arrive(request: IncomingMessage, path: string, stage?: FaultTarget['stage']): Arrival;
  /** Takes the fault that hits one piece of work on an open connection, and notes it. */
  strike(target: FaultTarget): Fault | undefined;
}

/** Opens an emulator's port and its control port, both on 127.0.0.1 and free unless told. */
export async function startEmulator<Values extends Record<string, unknown>>(
  options: EmulatorOptions<Values>,
): Promise<EmulatorKit<Values>> {
  const { inner, settings, journal = createJournal() } = options;
  let front: Front | undefined;
  const faults = createFaults(options.specialFaults ?? {}, (added) => front?.follow(added));
  front = await openFront({ inner, faults, journal, port: options.port ?? 0 });
  const { port, connectionOf, close: closeFront } = front;
  const more = options.more ?? {};
  const control = await openControl({ faults, journal, settings, port: options.controlPort ?? 0, more });

  function strike(target: FaultTarget): Fault | undefined {
    const fault = faults.take(target);
    if (fault) journal.note('fault.applied', { connection: target.connection, path: target.path, fault });
    return fault;
  }

  function arrive(request: IncomingMessage, path: string, stage?: FaultTarget['stage']): Arrival {
    const connection = connectionOf(request);
    const scenario = request.headers['x-emulator-scenario']?.toString();
    return { connection, fault: strike({ connection: connection.number, path, scenario, ...(stage && { stage }) }) };
  }

  return {
    port,
    controlUrl: control.url,
    journal,
    faults,
    settings,
    arrive,
    strike,
    async close() {
      await Promise.all([closeFront(), control.close()]);
      inner.closeAllConnections();
    },
  };
}
