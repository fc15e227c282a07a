import type { Clock, TimerId } from '../clock.ts';

/** What a stream is made of. `seq` is what a reader goes on after. */
interface Entry {
  readonly seq: number;
}

interface Watching {
  readonly request: Request;
  readonly entries: (signal: AbortSignal) => AsyncIterable<Entry>;
  /** Asked at each ping: a stream outlives no key, and not for long that nobody can say. */
  readonly stillAllowed: () => Promise<boolean>;
}

/** Streams of one kind, `most` at once. `open` gives nothing when there are that many. */
export function createStreams({ most, clock }: { readonly most: number; readonly clock: Clock }) {
  let open = 0;
  return {
    open({ request, entries, stillAllowed }: Watching): Response | undefined {
      if (request.method === 'HEAD') return new Response(null, { headers });
      if (open >= most) return undefined;
      open += 1;
      return eventStream({ entries, clock, stillAllowed, done: () => void (open -= 1) });
    },
  };
}

interface StreamOptions extends Omit<Watching, 'request'> {
  readonly clock: Clock;
  /** Told once, when the stream is over for whatever reason. */
  readonly done: () => void;
}

/** A comment this often keeps proxies from closing a silent stream, and finds a reader who is gone. */
const pingMs = 15_000;
/** So often in a row it may be that nobody can say whether the key still is good. */
const mostUnanswered = 2;
const utf8 = new TextEncoder();
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
};

/**
 * Entries as server-sent events: `id` is the entry's number, `data` the entry. After the last one an event `end`,
 * then the stream closes. One entry is taken when the reader has taken the last one: a slow reader costs nothing.
 */
function eventStream({ entries, clock, stillAllowed, done }: StreamOptions): Response {
  const over = new AbortController();
  const source = entries(over.signal)[Symbol.asyncIterator]();
  const pings = createPings(clock);
  const mayGoOn = patient(stillAllowed);
  const finish = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    pings.stop();
    done();
    // Waiting at an entry nobody will take: let it clean up.
    void source.return?.().catch(() => {});
  };
  const shut = (controller: ReadableStreamDefaultController): void => {
    if (over.signal.aborted) return;
    finish();
    controller.close();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(utf8.encode('retry: 1000\n\n'));
        pings.start(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(utf8.encode(': ping\n\n'));
          void mayGoOn().then((may) => may || shut(controller));
        });
      },
      async pull(controller) {
        const next = await source.next().catch(() => undefined);
        if (over.signal.aborted) return;
        if (next?.done === false) return controller.enqueue(utf8.encode(show(next.value)));
        // Without a word when the log failed: the reader comes again by itself.
        if (next !== undefined) controller.enqueue(utf8.encode('event: end\ndata: {}\n\n'));
        return shut(controller);
      },
      cancel: finish,
    },
    { highWaterMark: 1 },
  );
  return new Response(body, { headers });
}

/** A store that cannot be asked once ends nothing. */
function patient(stillAllowed: () => Promise<boolean>): () => Promise<boolean> {
  let unanswered = 0;
  return async () => {
    try {
      const allowed = await stillAllowed();
      unanswered = 0;
      return allowed;
    } catch {
      unanswered += 1;
      return unanswered < mostUnanswered;
    }
  };
}

const show = (entry: Entry): string => `id: ${entry.seq}\ndata: ${JSON.stringify(entry)}\n\n`;

function createPings(clock: Clock) {
  let timer: TimerId;
  const again = (ping: () => void): void => {
    timer = clock.setTimeout(() => {
      ping();
      again(ping);
    }, pingMs);
  };
  return { start: again, stop: () => clock.clearTimeout(timer) };
}
