import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { assign, createActor, fromCallback, fromPromise, sendTo, setup } from 'xstate';
import { openStatelyInspector, type StatelyInspector } from '../../../src/adapters/stately/inspector.ts';
import { bareCall } from '../../../src/machines/call/call.machine.ts';
import { chartOf } from '../../../src/runtime/chart.ts';
import { readConfig } from '../../../src/config.ts';

const canaries = {
  phrase: 'my grandmother is called Rosalinde',
  number: '+4915112345678',
  secret: 'sk-canary-0123456789abcdef',
  digit: '7',
};

let inspector: StatelyInspector;
let open: WebSocket[];
let broken: string[];
beforeEach(async () => {
  broken = [];
  inspector = await openStatelyInspector({ broken: (error) => broken.push(String(error)) });
  open = [];
});
afterEach(async () => {
  for (const socket of open) socket.terminate();
  await inspector.close();
});

const nobody = () => {};

/** A call in little, with canaries wherever a real one has speech, numbers and secrets. */
function callMachine() {
  const listen = fromCallback<{ type: 'ask'; text: string }, { apiKey: string }>(({ receive, sendBack }) => {
    receive(({ text }) => sendBack({ type: 'caller.said', text, turn: 3, final: true }));
  });
  const lookUp = fromPromise<{ found: string }, { phone: string }>(async () => ({ found: canaries.phrase }));
  return setup({
    types: {} as { context: { phone: string; said: string[]; turn: number; apiKey: string; digits: string } },
    actors: { listen, lookUp },
    actions: { speak: (..._told: [unknown, { text: string }]) => {} },
  }).createMachine({
    id: 'call',
    description: canaries.phrase,
    context: {
      phone: canaries.number,
      said: [canaries.phrase],
      turn: 1,
      apiKey: canaries.secret,
      digits: canaries.digit,
    },
    invoke: { id: 'stt', src: 'listen', input: { apiKey: canaries.secret } },
    initial: 'quiet',
    states: {
      quiet: {
        entry: [
          { type: 'speak', params: { text: canaries.phrase } },
          sendTo('stt', { type: 'ask', text: canaries.phrase }),
        ],
        on: {
          'caller.said': {
            target: 'lookingUp',
            actions: assign({ turn: ({ context }) => context.turn + 1 }),
          },
        },
      },
      lookingUp: {
        invoke: { id: 'lookUp', src: 'lookUp', input: { phone: canaries.number }, onDone: 'told', onError: 'told' },
      },
      told: { on: { 'caller.digit': 'over' } },
      over: { type: 'final', output: { heard: canaries.phrase } },
    },
    output: { number: canaries.number },
  });
}

async function runCall(): Promise<void> {
  const actor = createActor(callMachine(), { inspect: (event) => inspector.see(event) });
  const told = new Promise<void>((resolve) => {
    actor.subscribe((snapshot) => snapshot.matches('told') && resolve());
  });
  actor.start();
  await told;
  actor.send({ type: 'caller.digit', digit: canaries.digit, text: canaries.phrase } as never);
}

interface Message {
  readonly type: string;
  readonly name?: string;
  readonly sessionId: string;
  readonly parentId?: string;
  readonly definition?: string;
  readonly event?: { readonly type: string; readonly turn?: number };
  readonly snapshot?: { readonly status: string; readonly value?: unknown; readonly context?: unknown };
}

/** Everything a watcher is told until it has been told this. */
function watch(until: (message: Message) => boolean): Promise<{ texts: string[]; messages: Message[] }> {
  const socket = new WebSocket(inspector.url.replace('http', 'ws'));
  open.push(socket);
  const texts: string[] = [];
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8');
      texts.push(text);
      if (until(JSON.parse(text))) resolve({ texts, messages: texts.map((each) => JSON.parse(each)) });
    });
  });
}

const isOver = ({ type, snapshot }: Message) => type === '@xstate.snapshot' && snapshot?.value === 'over';

const missing = () => Promise.reject(new Error('ERR_MODULE_NOT_FOUND'));

describe('the Stately inspector', () => {
  test('S6 a watcher reads the actors, their states and their events', async () => {
    const watched = watch(isOver);
    await new Promise((resolve) => void open[0]!.once('open', resolve));
    await runCall();
    const { messages } = await watched;
    const actors = messages.filter(({ type }) => type === '@xstate.actor');
    expect(actors.map(({ name }) => name)).toEqual(['call', 'stt', 'lookUp']);
    expect(actors[1]!.parentId).toBe(actors[0]!.sessionId);
    const values = messages.flatMap(({ type, snapshot }) =>
      type !== '@xstate.snapshot' || snapshot?.value === undefined ? [] : [snapshot.value],
    );
    expect([...new Set(values)]).toEqual(['quiet', 'lookingUp', 'told', 'over']);
    expect(messages.flatMap(({ event }) => (event?.type === 'caller.said' ? [event] : []))[0]).toMatchObject({
      turn: 3,
    });
    expect(messages.findLast(isOver)!.snapshot!.context).toEqual({ turn: 2 });
    expect(JSON.parse(actors[0]!.definition!)).toMatchObject({
      id: 'call',
      initial: 'quiet',
      invoke: { id: 'stt', src: 'listen' },
      states: {
        quiet: { on: { 'caller.said': { target: 'lookingUp' } } },
        lookingUp: { invoke: { id: 'lookUp', src: 'lookUp', onDone: 'told' } },
        over: { type: 'final' },
      },
    });
  });

  test('speech, numbers and secrets do not leave: not from contexts, inputs, outputs, events, definitions', async () => {
    const watched = watch(isOver);
    await new Promise((resolve) => void open[0]!.once('open', resolve));
    await runCall();
    const all = (await watched).texts.join('\n');
    expect(all).not.toContain('Rosalinde');
    expect(all).not.toContain('15112345678');
    expect(all).not.toContain('canary');
    expect(all).not.toMatch(/digits?":/);
    expect(all).not.toMatch(/"(input|output|params|description|phone|said|apiKey|found|text)"/);
  });

  test('who comes late is told how things stand, and two calls are told apart', async () => {
    const first = watch(isOver);
    await new Promise((resolve) => void open[0]!.once('open', resolve));
    await runCall();
    await first;
    await runCall();
    let over = 0;
    const { messages } = await watch((message) => isOver(message) && (over += 1) === 2);
    const roots = messages.filter(({ type, name }) => type === '@xstate.actor' && name === 'call');
    expect(new Set(roots.map(({ sessionId }) => sessionId)).size).toBe(2);
  });

  test('listens on 127.0.0.1 only, and neither foreign pages nor foreign names get in', async () => {
    const { hostname, port } = new URL(inspector.url);
    expect(hostname).toBe('127.0.0.1');
    expect(await upgradeStatus({ origin: 'https://evil.example' })).toBe('refused');
    expect(await upgradeStatus({ host: `evil.example:${port}` })).toBe('refused');
    expect((await fetch(inspector.url)).status).toBe(200);
    expect(await statusAs(`rebound.example:${port}`)).toBe(403);
  });

  test('its page may reach this machine only; stately.ai comes up when the button is pressed and not before', async () => {
    const answer = await fetch(inspector.url);
    const policy = answer.headers.get('content-security-policy') ?? '';
    expect(policy).toContain(`default-src 'none'`);
    expect(policy).toContain(`connect-src 'self'`);
    const page = await answer.text();
    expect(page.match(/(src|href)="/)).toBeNull();
    expect(page.split('\n').filter((line) => line.includes('window.open'))).toEqual([
      expect.stringContaining('onclick'),
    ]);
  });

  test('the machine of a call is drawn to its innermost states', async () => {
    createActor(bareCall, { inspect: (event) => inspector.see(event), input: {} as never });
    const { messages } = await watch(({ definition }) => definition !== undefined);
    const { machine, states } = chartOf(bareCall);
    expect(messages[0]!.name).toBe(machine);
    expect(statesIn(JSON.parse(messages[0]!.definition!))).toBe(states.length);
  });

  test('a call that breaks it goes on, and it says so once', async () => {
    const machine = setup({
      types: {} as { context: { readonly turn: number } },
    }).createMachine({
      id: 'odd',
      context: {
        get turn(): number {
          throw new Error('no turn');
        },
      },
      initial: 'quiet',
      states: { quiet: { on: { go: 'over' } }, over: { type: 'final' } },
    });
    const actor = createActor(machine, { inspect: (event) => inspector.see(event) });
    actor.start();
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().status).toBe('done');
    expect(broken).toEqual(['Error: no turn']);
  });

  test('without the package it says what to do', async () => {
    await expect(openStatelyInspector({ broken: nobody, load: missing })).rejects.toThrow(
      /@statelyai\/inspect: run npm ci without --omit=dev/,
    );
  });

  test('is refused in production', () => {
    const reading = readConfig({
      LIVEKIT_URL: 'ws://127.0.0.1:7880',
      LIVEKIT_API_KEY: 'key',
      LIVEKIT_API_SECRET: 'x'.repeat(40),
      VOICECHART_ENV: 'production',
      STATELY_INSPECT: '1',
    });
    expect(reading).toHaveProperty('problems', [expect.stringContaining('STATELY_INSPECT')]);
  });
});

interface Drawn {
  readonly states?: Readonly<Record<string, Drawn>>;
}

const statesIn = ({ states = {} }: Drawn): number =>
  Object.values(states).reduce((sum, state) => sum + statesIn(state), 1);

function upgradeStatus(headers: Record<string, string>): Promise<'open' | 'refused'> {
  const socket = new WebSocket(inspector.url.replace('http', 'ws'), { headers });
  open.push(socket);
  return new Promise((resolve) => {
    socket.on('open', () => resolve('open'));
    socket.on('error', () => resolve('refused'));
  });
}

function statusAs(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(inspector.url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
