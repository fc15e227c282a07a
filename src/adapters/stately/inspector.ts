import type { createInspector, StatelyInspectionEvent } from '@statelyai/inspect';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { allowed } from './allow.ts';
import { inspectorPage, inspectorPolicy } from './page.ts';
import { openRelay } from './relay.ts';
import { createStanding } from './standing.ts';

/** Shows the actors of all calls in the Stately inspector; development only. */
export interface StatelyInspector {
  /** Never throws. */
  see(event: InspectionEvent): void;
  /** Its page, on this machine. */
  readonly url: string;
  close(): Promise<void>;
}

interface Inspect {
  readonly createInspector: typeof createInspector;
}
type Converter = ReturnType<typeof createInspector>;

/**
 * Opens the relay on a free port of 127.0.0.1. What leaves goes through an allow-list. Rejects when the package
 * `@statelyai/inspect`, which is there in development only, is missing.
 */
export async function openStatelyInspector(
  load: () => Promise<Inspect> = () => import('@statelyai/inspect'),
): Promise<StatelyInspector> {
  const inspect = await load().catch((cause: unknown) => {
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
  let opened = 0;
  const converters = new WeakMap<object, Converter>();
  const converterOf = (system: object): Converter => {
    const known = converters.get(system);
    if (known) return known;
    opened += 1;
    const prefix = `call-${opened}/`;
    const converter = inspect.createInspector(adapter, {
      serialize: (event) => named(allowed(event), prefix),
      serializationDepthLimit: deepest,
    });
    converters.set(system, converter);
    return converter;
  };
  return {
    see(event) {
      if (shown.has(event.type)) converterOf((event.actorRef as AnyActorRef).system).inspect.next?.(event);
    },
    url: relay.url,
    close: relay.close,
  };
}

/** Two levels for each state inside another; the package's own 10 would cut off the inner ones. */
const deepest = 40;

const shown = new Set<string>(['@xstate.actor', '@xstate.event', '@xstate.snapshot']);

/** Every call numbers its actors from `x:0` on: in one view they need the call's name before theirs. */
function named(event: StatelyInspectionEvent, prefix: string): StatelyInspectionEvent {
  const ids = ['sessionId', 'rootId', 'parentId', 'sourceId'] as const;
  const fields: Partial<Record<(typeof ids)[number], string>> = event;
  const named = ids.flatMap((id) => (fields[id] === undefined ? [] : [[id, prefix + fields[id]]]));
  return { ...event, ...Object.fromEntries(named) };
}
