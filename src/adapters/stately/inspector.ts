import type { createInspector, StatelyInspectionEvent } from '@statelyai/inspect';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { allowed } from './allow.ts';
import { inspectorPage, inspectorPolicy } from './page.ts';
import { openRelay } from './relay.ts';
import { createStanding } from './standing.ts';

/** Shows the actors of all calls in the Stately inspector; development only. */
export interface StatelyInspector {
  /** Never throws: after the first event it cannot show it shows no more. */
  see(event: InspectionEvent): void;
  /** Its page, on this machine. */
  readonly url: string;
  close(): Promise<void>;
}

interface Inspect {
  readonly createInspector: typeof createInspector;
}

export interface InspectorOptions {
  /** Told once, of the event that could not be shown. */
  readonly broken: (error: unknown) => void;
  readonly load?: () => Promise<Inspect>;
}

/**
 * Opens the relay on a free port of 127.0.0.1. What leaves goes through an allow-list. Rejects when the package
 * `@statelyai/inspect`, which is there in development only, is missing.
 */
export async function openStatelyInspector({
  broken,
  load = () => import('@statelyai/inspect'),
}: InspectorOptions): Promise<StatelyInspector> {
  const { createInspector } = await load().catch((cause: unknown) => {
    throw new Error('STATELY_INSPECT=1 needs the package @statelyai/inspect: run npm ci without --omit=dev', { cause });
  });
  const standing = createStanding();
  const relay = await openRelay({ page: inspectorPage, policy: inspectorPolicy, standing: standing.messages });
  const adapter = {
    send(event: StatelyInspectionEvent) {
      const message = JSON.stringify(event);
      standing.take(event, message);
      relay.send(message);
    },
  };
  const { inspect } = createInspector(adapter, { serializationDepthLimit: deepest });
  const prefixOf = createPrefixes();
  let see = (event: InspectionEvent): void => {
    try {
      if (shown.has(event.type)) inspect.next?.(allowed(event, prefixOf((event.actorRef as AnyActorRef).system)));
    } catch (error) {
      see = () => {};
      broken(error);
    }
  };
  return {
    see: (event) => see(event),
    url: relay.url,
    close: relay.close,
  };
}

/** Two levels for each state inside another; the package's own 10 would cut off the inner ones. */
const deepest = 40;

const shown = new Set<string>(['@xstate.actor', '@xstate.event', '@xstate.snapshot']);

/** A name before those of its actors, for each call. */
function createPrefixes(): (system: object) => string {
  let calls = 0;
  const prefixes = new WeakMap<object, string>();
  return (system) => {
    const prefix = prefixes.get(system) ?? `call-${(calls += 1)}/`;
    prefixes.set(system, prefix);
    return prefix;
  };
}
