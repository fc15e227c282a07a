import type { LogEntry } from '../runtime/call-log.ts';

/** The API of an instance, and what it takes to be let in. */
export interface Api {
  readonly api: string;
  readonly access: { readonly headers: Readonly<Record<string, string>> };
}

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
      // An event with a name of its own, the stream's end, is no entry.
      const data = /^event:/m.test(block) ? undefined : /^data:(.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data) as LogEntry;
    }
  }
}
