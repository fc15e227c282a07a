import type { LogEntry } from '../../src/runtime/call-log.ts';
import type { Calls } from '../../src/runtime/calls.ts';
import type { InstanceAccess } from '../../tools/stack/access.ts';

interface Door {
  readonly api: string;
  readonly access: InstanceAccess;
}

const againMs = 50;

/** A call's log by the API of any instance that lives: when one dies the next is asked for what comes after. */
export const remoteEntries = (doors: () => readonly Door[]): Calls['entries'] =>
  async function* follow(callKey, { after, signal }) {
    let last = after;
    for (let tries = 0; !signal.aborted; tries += 1) {
      const living = doors();
      const door = living[tries % living.length];
      if (door)
        for await (const entry of entriesFrom(door, callKey, last, whileThere(door, doors, signal))) {
          if (entry === 'end') return;
          last = entry.seq;
          yield entry;
        }
      await new Promise((resolve) => void setTimeout(resolve, againMs));
    }
  };

/** Who is frozen does not answer, and does not hang up. */
function whileThere(door: Door, doors: () => readonly Door[], signal: AbortSignal): AbortSignal {
  const gone = new AbortController();
  const look = setInterval(() => doors().includes(door) || gone.abort(), againMs);
  gone.signal.addEventListener('abort', () => clearInterval(look));
  signal.addEventListener('abort', () => gone.abort());
  return gone.signal;
}

/** Ends without a word where the instance does, or does not know the call yet. */
async function* entriesFrom(
  { api, access }: Door,
  callKey: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<LogEntry | 'end'> {
  const url = `${api}/v1/calls/${encodeURIComponent(callKey)}/events?after=${after}`;
  try {
    const answer = await fetch(url, { headers: access.headers, signal });
    if (answer.status === 204) yield 'end';
    if (answer.status === 200) yield* readEvents(answer.body!);
  } catch {
    // It died, or we were told to stop.
  }
}

async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<LogEntry | 'end'> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (/^event: end$/m.test(block)) yield 'end';
      else if (data) yield JSON.parse(data) as LogEntry;
    }
  }
}
