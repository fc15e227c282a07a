import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlServer } from '../../emulators/kit/control.ts';
import { openPhoneControl } from '../../emulators/phone/control.ts';
import { startPhoneProcess, type PhoneProcess } from '../../emulators/phone/process.ts';

let phones: PhoneProcess;
let control: ControlServer;
beforeAll(async () => {
  phones = await startPhoneProcess();
  // Nobody is there: a call that is turned away never gets so far.
  const livekit = { livekitUrl: 'ws://127.0.0.1:9', apiKey: 'key', apiSecret: 'secret' };
  control = await openPhoneControl({ livekit, phones });
});
afterAll(async () => {
  await control.close();
  await phones.close();
});

async function ask(method: string, path: string, body?: object): Promise<[number, any]> {
  const response = await fetch(control.url + path, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  return [response.status, await response.json()];
}

describe('the control port of phones', () => {
  it('dials, tells what happens, hangs up', async () => {
    const [status, dialled] = await ask('POST', '/dial', { room: 'r', from: '+15550123', refuse: 'unknown_number' });
    expect(status).toBe(201);
    expect(dialled).toMatchObject({ stage: 'ringing', room: 'r', identity: 'sip_+15550123' });
    expect(await ask('GET', '/calls')).toEqual([200, [dialled]]);
    const saying = ask('POST', '/say', { text: 'hello' });
    expect(await ask('POST', '/hush')).toEqual([200, {}]);
    expect(await ask('POST', '/hang_up', { call: dialled.call })).toEqual([200, {}]);
    expect(await saying).toMatchObject([200, { cut: true, words: [] }]);
    expect(await ask('GET', '/calls')).toEqual([200, []]);
    const [, journal] = await ask('GET', '/journal?since=0');
    expect(journal).toMatchObject([
      { type: 'ringing', call: dialled.call, eventMs: expect.any(Number) },
      { type: 'ended', call: dialled.call, reason: 'cancelled', sip: 'nothing' },
    ]);
  });

  it('holds ten calls, and says so to the eleventh', async () => {
    const dial = () => ask('POST', '/dial', { room: 'r', refuse: 'unknown_number' });
    const answers = await Promise.all(Array.from({ length: 11 }, dial));
    expect(answers.filter(([status]) => status === 201)).toHaveLength(10);
    expect(answers.find(([status]) => status === 400)?.[1].error).toMatch(/calls: there are \d+ already, at most 10/);
    const [, calls] = await ask('GET', '/calls');
    await Promise.all(calls.map(({ call }: { call: number }) => ask('POST', '/hang_up', { call })));
    expect(await ask('GET', '/calls')).toEqual([200, []]);
  });

  it.each([
    ['POST', '/dial', {}, 'room'],
    ['POST', '/dial', { room: 'r', refuse: 'no_mood' }, 'unknown_number'],
    ['POST', '/dial', { room: 'r', form: '+1' }, 'form'],
    ['POST', '/dial', { room: 'r' }, 'engine'],
    ['POST', '/say', { text: 'hello' }, 'call: got none'],
    ['POST', '/hang_up', { call: 99 }, 'call: got 99; calls that are not over: none'],
    ['POST', '/keys', { keys: '12x' }, 'keys of a telephone'],
    ['GET', '/journal?since=yesterday', undefined, 'since: got "yesterday"'],
  ])('%s %s %j is answered with what is wrong', async (method, path, body, problem) => {
    const [status, answer] = await ask(method, path, body);
    expect([status, answer.error]).toEqual([400, expect.stringContaining(problem)]);
  });

  it('names its routes to whoever asks for another', async () => {
    expect(await ask('GET', '/')).toEqual([404, { error: expect.stringContaining('POST /dial, POST /say') }]);
    expect((await ask('GET', '//'))[0]).toBe(400);
  });
});
