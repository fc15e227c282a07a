import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { IngressClient, IngressInput } from 'livekit-server-sdk';
import { afterEach, expect, it } from 'vitest';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ['emulators/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LIVEKIT_URL: '', LIVEKIT_API_KEY: '', LIVEKIT_API_SECRET: '', ...env },
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const error = new Promise<string>((resolve) => child.stderr.setEncoding('utf8').once('data', resolve));
  /** Lines up to the one that matches, or all. */
  async function page(last?: RegExp): Promise<string> {
    const read: string[] = [];
    for await (const line of lines) {
      read.push(line);
      if (last?.test(line)) break;
    }
    return read.join('\n');
  }
  return { child, ended, error, page, firstLine: () => page(/./) };
}

const models = (url: string, key: string) =>
  fetch(`${url}/models`, { headers: { authorization: `Bearer ${key}` } }).then(({ status }) => status);

it('runs all vendors alone, tells where they are, and leaves nothing behind', async () => {
  const { child, ended, firstLine } = start(['--json']);
  const { env, control } = JSON.parse(await firstLine()) as Record<string, Record<string, string>>;
  expect(Object.keys(env!).filter((name) => name.endsWith('_API_KEY'))).toEqual([
    'DEEPGRAM_API_KEY',
    'OPENAI_API_KEY',
    'GROQ_API_KEY',
    'CARTESIA_API_KEY',
  ]);
  const models = await fetch(`${env!.OPENAI_BASE_URL}/models`, {
    headers: { authorization: `Bearer ${env!.OPENAI_API_KEY}` },
  });
  expect(models.status).toBe(200);
  expect(await readFile(env!.CARTESIA_CA_FILE!, 'utf8')).toContain('BEGIN CERTIFICATE');
  const journals = await Promise.all(Object.values(control!).map((url) => fetch(`${url}/journal`)));
  expect(journals.map((journal) => journal.status)).toEqual([200, 200, 200, 200]);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(existsSync(env!.CARTESIA_CA_FILE!)).toBe(false);
  await expect(fetch(env!.DEEPGRAM_BASE_URL!)).rejects.toThrow('fetch failed');
});

it('prints a page with every address, key and control port, the CA file and what to do with them', async () => {
  const { child, ended, page } = start([]);
  const text = await page(/Ctrl-C/);
  const env = Object.fromEntries([...text.matchAll(/^export (\w+)=(.+)$/gm)].map(([, name, value]) => [name, value]));
  expect(Object.keys(env)).toHaveLength(10);
  const rows = [...text.matchAll(/^ {2}(\w+) +(https?:\S+) .*(http:\S+)$/gm)].map(([, ...cells]) => cells);
  expect(rows.map(([name, address]) => [name, address])).toEqual([
    ['Deepgram', env.DEEPGRAM_BASE_URL],
    ['OpenAI', env.OPENAI_BASE_URL],
    ['Groq', env.GROQ_BASE_URL],
    ['Cartesia', env.CARTESIA_BASE_URL],
  ]);
  for (const [, , control] of rows) expect((await fetch(`${control}/settings`)).status).toBe(200);
  expect([
    await models(env.OPENAI_BASE_URL!, env.OPENAI_API_KEY!),
    await models(env.GROQ_BASE_URL!, env.GROQ_API_KEY!),
    await models(env.GROQ_BASE_URL!, env.OPENAI_API_KEY!),
  ]).toEqual([200, 200, 401]);
  expect(text).toContain(`certificate: ${env.CARTESIA_CA_FILE}`);
  expect(env.NODE_EXTRA_CA_CERTS).toBe(env.CARTESIA_CA_FILE);
  expect(await readFile(env.CARTESIA_CA_FILE!, 'utf8')).toContain('BEGIN CERTIFICATE');
  const [, url, body] = /curl (\S+faults) -d '(.+)'/.exec(text)!;
  expect((await fetch(url!, { method: 'POST', body: body! })).status).toBe(201);
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
});

it('explains itself: every kind of fault, every route', async () => {
  const { ended, page } = start(['--help']);
  const text = await page();
  const kinds = ['refuse', 'hang', 'reset', 'close', 'status', 'garbage', 'slow', 'stall', 'drop', 'error'];
  for (const kind of kinds) expect(text).toContain(`{"kind":"${kind}"`);
  const routes = [
    '/settings',
    '/faults',
    '/strike',
    '/journal',
    '/script',
    '/dial',
    '/say',
    '/keys',
    '/hush',
    '/hang_up',
    '/calls',
    '/egress/break',
    '/ingress/connect',
  ];
  for (const route of routes) expect(text).toContain(route);
  expect(await ended).toBe(0);
});

it('brings a phone with a control port of its own, when told where to call', async () => {
  const { error, ended } = start(['--phone']);
  expect(await error).toContain('missing: LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET');
  expect(await ended).toBe(64);

  const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:9', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
  const phoning = start(['--phone'], livekit);
  const text = await phoning.page(/Ctrl-C/);
  expect(text).not.toContain('secret');
  const [, control] = /^ {2}Phone +calls into ws:\/\/127\.0\.0\.1:9 +(http:\S+)$/m.exec(text)!;
  const dialled = await fetch(`${control}/dial`, {
    method: 'POST',
    body: JSON.stringify({ room: 'r', refuse: 'unknown_number' }),
  });
  expect([dialled.status, await dialled.json()]).toMatchObject([201, { stage: 'ringing' }]);
  phoning.child.kill('SIGINT');
  expect(await phoning.ended).toBe(0);
});

it('brings an address before LiveKit that dials, records and takes streams, when told where LiveKit is', async () => {
  const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:9', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
  const { child, ended, firstLine } = start(['--livekit', '--json'], livekit);
  const { env, control } = JSON.parse(await firstLine()) as Record<string, Record<string, string>>;
  expect(env!.LIVEKIT_URL).toMatch(/^ws:\/\/127\.0\.0\.1:(?!9$)\d+$/);
  const ingress = new IngressClient(env!.LIVEKIT_URL!, 'key', 'secret');
  const options = { roomName: 'room', participantIdentity: 'streamer' };
  await ingress.createIngress(IngressInput.RTMP_INPUT, options);
  const journal = await fetch(`${control!.livekit}/journal?type=ingress.created`);
  expect(await journal.json()).toMatchObject([{ room: 'room' }]);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

it('names an option that there is not', async () => {
  const { ended, error } = start(['--prot', '5']);
  expect(await error).toContain("'--prot'");
  expect(await ended).toBe(64);
});
