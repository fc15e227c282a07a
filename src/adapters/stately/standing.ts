import type { StatelyInspectionEvent } from '@statelyai/inspect';

/** The actors there are and how each stands, for watchers who come later. */
export interface Standing {
  take(event: StatelyInspectionEvent, message: string): void;
  messages(): Iterable<string>;
}

/** The oldest actors are forgotten. */
const mostActors = 500;

export function createStanding(): Standing {
  const actors = new Map<string, { readonly actor: string; readonly snapshot?: string }>();
  return {
    take(event, message) {
      const known = actors.get(event.sessionId);
      if (event.type === '@xstate.actor') actors.set(event.sessionId, { actor: message });
      if (event.type === '@xstate.snapshot' && known) actors.set(event.sessionId, { ...known, snapshot: message });
      const [oldest] = actors.keys();
      if (actors.size > mostActors && oldest !== undefined) actors.delete(oldest);
    },
    messages: () => [...actors.values()].flatMap(({ actor, snapshot }) => (snapshot ? [actor, snapshot] : [actor])),
  };
}
