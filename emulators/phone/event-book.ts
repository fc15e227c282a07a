import type { HeardWord, Phone, PhoneEvent } from './types.ts';

const mostEvents = 100_000;

type BookView = Pick<Phone, 'events' | 'onEvent' | 'onHeard' | 'onSound' | 'heard' | 'when'>;

/** What happened to a phone, and those who wait for it. Holds the first 100,000 events. */
export function createEventBook(): { readonly view: BookView; note(event: PhoneEvent): void } {
  const events: PhoneEvent[] = [];
  const listeners = new Set<(event: PhoneEvent) => void>();

  function note(event: PhoneEvent): void {
    if (events.length < mostEvents) events.push(event);
    for (const listener of listeners) listener(event);
  }

  function onEvent(listener: (event: PhoneEvent) => void): () => void {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  const when: Phone['when'] = (type, fits = () => true, limitMs = 30_000) => {
    const isIt = (event: PhoneEvent): event is PhoneEvent & { type: typeof type } =>
      event.type === type && fits(event as PhoneEvent & { type: typeof type });
    const past = events.find(isIt);
    if (past) return Promise.resolve(past as PhoneEvent & { type: typeof type });
    return new Promise((resolve, reject) => {
      const stop = onEvent((event) => {
        if (isIt(event)) finish(() => resolve(event));
        else if (event.type === 'ended') finish(() => reject(missing(type, 'before the call ended', events)));
      });
      const timer = setTimeout(() => finish(() => reject(missing(type, `within ${limitMs} ms`, events))), limitMs);
      function finish(settle: () => void): void {
        clearTimeout(timer);
        stop();
        settle();
      }
    });
  };

  return {
    note,
    view: {
      events: () => events,
      onEvent,
      onHeard: (listener) => onEvent((event) => event.type === 'heard.word' && listener(wordOf(event))),
      onSound: (listener) =>
        onEvent((event) => (event.type === 'sound.began' || event.type === 'sound.ended') && listener(event)),
      heard: () => events.filter((event) => event.type === 'heard.word').map(wordOf),
      when,
    },
  };
}

const wordOf = ({ number, text, startMs, endMs }: HeardWord): HeardWord => ({ number, text, startMs, endMs });

function missing(type: string, limit: string, events: readonly PhoneEvent[]): Error {
  const last = events.slice(-12).map((event) => JSON.stringify(event));
  return new Error(`the phone saw no '${type}' ${limit}; last events:\n${last.join('\n')}`);
}
