import type { LogEntry } from '../../src/runtime/call-log.ts';
import type { World } from './world-shape.ts';

/** The API of an instance, and what it takes to be let in. */
export type Api = Pick<World, 'api' | 'access'>;

/** Entries of a call's log as the API streams them, from the first one on; ends with the call. */
export async function* followCall(
  { api, access }: Api,
  callKey: string,
  signal: AbortSignal,
): AsyncGenerator<LogEntry> {
  const answer = await fetch(`${api}/v1/calls/${encodeURIComponent(callKey)}/events`, {
    headers: access.headers,
    signal,
  });
  if (!answer.ok || !answer.body) throw new Error(`the call's events cannot be read: ${answer.status}`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = block.split('\n').find((line) => line.startsWith('data:'));
      if (data) yield JSON.parse(data.slice(5)) as LogEntry;
    }
  }
}

/** The key of the call in this room, once the instance has taken it up. */
export async function callIn({ api, access }: Api, room: string, withinMs = 20_000): Promise<string> {
  const until = performance.now() + withinMs;
  while (performance.now() < until) {
    const { calls } = (await (await fetch(`${api}/v1/calls`, { headers: access.headers })).json()) as {
      calls: { callKey: string; room?: string }[];
    };
    const found = calls.find((call) => call.room === room);
    if (found) return found.callKey;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the instance has taken up no call in ${room} within ${withinMs} ms`);
}
