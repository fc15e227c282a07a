import type { Api } from '../../src/cli/follow.ts';

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
