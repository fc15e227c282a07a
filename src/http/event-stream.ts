import type { Clock, TimerId } from '../clock.ts';

/** What a stream is made of. `seq` is what a reader goes on after. */
interface Entry {
  readonly seq: number;
}

interface StreamOptions {
  readonly entries: (signal: AbortSignal) => AsyncIterable<Entry>;
  readonly clock: Clock;
  /** Told once, when the stream is over for whatever reason. */
  readonly done: () => void;
}

/** A comment this often keeps proxies from closing a silent stream, and finds a reader who is gone. */
const pingMs = 15_000;
const utf8 = new TextEncoder();

/**
 * Entries as server-sent events: `id` is the entry's number, `data` the entry. After the last one an event `end`,
 * then the stream closes. One entry is taken when the reader has taken the last one: a slow reader costs nothing.
 */
export function eventStream({ entries, clock, done }: StreamOptions): Response {
  const over = new AbortController();
  const source = entries(over.signal)[Symbol.asyncIterator]();
  const pings = createPings(clock);
  const finish = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    pings.stop();
    done();
    // Waiting at an entry nobody will take: let it clean up.
    void source.return?.().catch(() => {});
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(utf8.encode('retry: 1000\n\n'));
        pings.start(() => {
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(utf8.encode(': ping\n\n'));
        });
      },
      async pull(controller) {
        const next = await source.next().catch(() => undefined);
        if (over.signal.aborted) return;
        if (next?.done === false) return controller.enqueue(utf8.encode(show(next.value)));
        // Without a word when the log failed: the reader comes again by itself.
        if (next !== undefined) controller.enqueue(utf8.encode('event: end\ndata: {}\n\n'));
        finish();
        controller.close();
        return undefined;
      },
      cancel: finish,
    },
    { highWaterMark: 1 },
  );
  return new Response(body, {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    },
  });
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
