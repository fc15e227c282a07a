import { expect, test } from 'vitest';
import type { LogEntry } from '../../src/runtime/call-log.ts';
import { answered, greeted, transcript } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { openCallWorld } from '../support/call-world.ts';

interface Sent {
  readonly id: number;
  readonly event: string;
  readonly data: string;
}

/** Server-sent events of an address, from where a browser would go on. Ends with the stream. */
async function* events(url: string, key: Readonly<Record<string, string>>, lastEventId?: number): AsyncGenerator<Sent> {
  const headers = { ...key, ...(lastEventId === undefined ? {} : { 'last-event-id': String(lastEventId) }) };
  const answer = await fetch(url, { headers });
  if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of answer.body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => [line.split(':', 1)[0]!, line.replace(/^\w*: ?/, '')]));
      if (fields.has('data'))
        yield { id: Number(fields.get('id')), event: fields.get('event') ?? 'message', data: fields.get('data')! };
    }
  }
}

const story = 'Once there was a king, who had a very long beard indeed, and a cat.';

test('an operator watches a live call over a lost connection, lets the agent say something, and ends the call', () =>
  inRealTime(async () => {
    const world = await openCallWorld({
      emulators: {
        openai: {
          rules: [{ user: 'story', text: story }],
        },
      },
    });
    const call = await world.dial();
    const { phone } = call;
    await greeted(call);
    const key = world.access.headers;
    const url = `${world.doors.api.url}/v1/calls/${encodeURIComponent(call.callKey)}`;
    const command = async (body: object) => {
      const headers = { ...key, 'content-type': 'application/json' };
      const answer = await fetch(`${url}/commands`, { method: 'POST', headers, body: JSON.stringify(body) });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    };

    const before: LogEntry[] = [];
    let lastId = 0;
    for await (const { id, data } of events(`${url}/events`, key)) {
      before.push(JSON.parse(data) as LogEntry);
      lastId = id;
      if (before.length === 12) break;
    }

    expect(await command({ type: 'say', text: 'Your taxi is here.' })).toMatchObject({
      status: 202,
      body: { taken: 'say' },
    });
    await answered(call, /^Your taxi is here\.$/);
    await phone.when('heard.word', ({ text }) => text === 'here.');

    await phone.sayWords('tell me a story');
    await phone.when('heard.word', ({ text }) => text === 'king,');
    expect(await command({ type: 'say', text: 'Sorry to cut in.' })).toMatchObject({ status: 202 });
    await answered(call, /^Sorry to cut in\.$/);
    await phone.when('heard.word', ({ text }) => text === 'in.');
    // Then the agent goes on where it was.
    await phone.when('heard.word', ({ text }) => text === 'cat.');

    const after: LogEntry[] = [];
    const ends: string[] = [];
    const watching = (async () => {
      for await (const { event, data } of events(`${url}/events`, key, lastId))
        if (event === 'end') ends.push(data);
        else after.push(JSON.parse(data) as LogEntry);
    })();
    expect(await command({ type: 'hang_up' })).toMatchObject({ status: 202 });
    await call.until(isEnd);
    await phone.when('ended', ({ reason }) => reason === 'ROOM_DELETED');
    await watching;

    expect([...before, ...after].map(({ seq }) => seq)).toEqual(
      Array.from({ length: before.length + after.length }, (_, at) => at + 1),
    );
    expect(after.at(-1)).toMatchObject({ kind: 'call', data: { what: 'ended', why: 'hung up by operator' } });
    expect(ends.length).toBe(1);
    const [told, cutIn, rest, ...lines] = transcript(call).slice(4);
    expect(transcript(call).slice(0, 4)).toEqual([
      'agent: I am an AI.',
      'agent: How can I help?',
      'agent: Your taxi is here.',
      'caller: tell me a story',
    ]);
    expect(`${told} ${rest!.replace('agent: ', '')}`).toBe(`agent: ${story}`);
    expect([cutIn, ...lines]).toEqual(['agent: Sorry to cut in.', 'agent: Thank you for calling. Goodbye.']);
    expect(call.verdict()).toMatchObject({ heardEqualsHistory: true });
    expect(await command({ type: 'say', text: 'Too late.' })).toMatchObject({
      status: 409,
      body: { code: 'call_ended' },
    });
    await world.close();
  }));
