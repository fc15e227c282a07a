import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { groq, openai, tool } from '../../src/agent.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { greeted } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { isEnd, isEvent } from '../support/call-story.ts';
import { openCallWorld } from '../support/call-world.ts';
import { sharedLivekit } from '../support/hub.ts';

/** Planted wherever they can come in. */
const said = 'my violet heron sleeps';
const answered = 'Amber otters dance.';
const phone = '+15557770123';
/** As LiveKit names the room of a caller whose provider gives numbers as they are dialled at home. */
const room = `voice-ai-call-_0305557123_${randomBytes(6).toString('hex')}`;
const signing = `whsec_${Buffer.from('a canary that signs alerts, 32 b.').toString('base64')}`;
const header = 'a-canary-for-the-collector';
const wrongKey = 'vck_canarycanarycanarycanarycanarycanary';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-canary-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Takes alerts and spans. */
async function openReceiver() {
  const bodies: { readonly path: string; readonly text: string }[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    bodies.push({ path: request.url ?? '', text: Buffer.concat(pieces).toString('utf8') });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const at = (path: string) => bodies.filter((body) => body.path === path).map(({ text }) => text);
  return { url, at, close: () => (server.closeAllConnections(), server.close()) };
}

function watchInspector(log: string): Promise<string[]> {
  const line = readFileSync(log, 'utf8')
    .split('\n')
    .find((each) => each.includes('inspector.open'))!;
  const url = new URL((JSON.parse(line) as { url: string }).url);
  const shown: string[] = [];
  const socket = new WebSocket(`ws://${url.host}`, { headers: { origin: url.origin } });
  socket.on('message', (data: Buffer) => shown.push(data.toString('utf8')));
  return new Promise((resolve, reject) => socket.once('open', () => resolve(shown)).once('error', reject));
}

const places = 'are in no log, metric, span, alert or inspection';

test(`R8.1 R7.4 keys, a number and a sentence come in everywhere and ${places}`, () => canary());

test(`R8.1 R7.4 D9.2 where calls are in Redis they ${places} either, and the number is in no name of a key`, async () => {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  const names = new Set<string>();
  await canary({ REDIS_URL: redis.url }, async () => (await client.keys('*')).forEach((name) => names.add(name)));
  expect(names.size).toBeGreaterThan(10);
  expect([...names].filter((name) => /5557770123|0305557123/.test(name))).toEqual([]);
  client.disconnect();
  await redis.stop();
});

/** `look` is waited for while the call goes on, and once it has ended. */
const canary = (settings: Readonly<Record<string, string>> = {}, look = async (): Promise<void> => undefined) =>
  inRealTime(async () => {
    const logFile = join(mkdtempSync(`${folder}/`), 'log');
    const log = createLogger({ level: 'trace', to: logFile });
    const receiver = await openReceiver();
    const leak = (key: string) => `${said} ${answered} ${phone} Bearer ${key}`;
    const world = await openCallWorld({
      log,
      settings: {
        ALERT_WEBHOOK_URL: `${receiver.url}/alerts`,
        ALERT_WEBHOOK_SECRETS: signing,
        ALERT_WEBHOOK_INSIDE: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_EXPORTER_OTLP_HEADERS: `x-key=${header}`,
        STATELY_INSPECT: '1',
        ...settings,
      },
      agent: {
        model: [openai('gpt-5.4-mini'), groq('openai/gpt-oss-120b')],
        tools: {
          look: tool({
            about: 'Looks.',
            input: z.object({ for: z.string() }),
            run: () => Promise.reject(new Error(leak('sk-canary-of-a-tool'))),
          }),
        },
      },
      emulators: {
        openai: { rules: [{ user: 'heron', tools: [{ name: 'look', input: { for: said } }] }, { text: answered }] },
      },
    });
    await log.flush();
    const shown = await watchInspector(logFile);
    const { env, openai: model } = world.emulators;
    const call = await world.dial({ from: phone, room });
    await greeted(call);
    model.faults.add({
      kind: 'status',
      status: 401,
      times: 1,
      body: { error: { message: leak(env['OPENAI_API_KEY']!) } },
    });
    await call.phone.sayWords(said);
    await call.until(isEvent('tool.finished'));
    await call.phone.when('heard.word', ({ text }) => text === 'dance.');
    await knock(world.doors.webhooks.url, world.doors.api.url);
    await eventually(
      () => receiver.at('/alerts'),
      (alerts) => alerts.length > 0,
    );
    const pages = await Promise.all(
      ['/metrics', '/health', '/readyz'].map((path) => textAt(world.doors.health.url + path)),
    );
    const database = readdirSync(world.dataDir)
      .filter((name) => name.includes('.'))
      .map((name) => readFileSync(join(world.dataDir, name)).toString('latin1'));
    await look();
    await call.phone.hangUp();
    await call.until(isEnd);
    await look();
    const entries = call.entries();
    const own = world.access.headers['authorization']!.replace('Bearer ', '');
    await world.close();
    await log.flush();
    receiver.close();

    const livekit = sharedLivekit();
    const keys = Object.entries(env).flatMap(([name, value]) => (name.endsWith('_API_KEY') ? [value] : []));
    const secrets = [...keys, livekit.apiSecret, signing, header, wrongKey, own, 'sk-canary-of-a-tool'];
    const personal = [/violet|heron|sleeps/i, /amber|otters/i, /5557770123/, /0305557123/];
    const open = {
      log: readFileSync(logFile, 'utf8'),
      pages: pages.join('\n'),
      spans: receiver.at('/v1/traces').join('\n'),
      alerts: receiver.at('/alerts').join('\n'),
      inspection: shown.join('\n'),
      // The name of a room is known to be of a caller's number.
      journal: entries.map(({ data }) => JSON.stringify({ ...data, room: undefined })).join('\n'),
    };
    for (const [place, text] of Object.entries(open)) {
      expect(text.length, place).toBeGreaterThan(100);
      for (const pattern of personal) expect(around(text, pattern), place).toBe('');
      for (const secret of secrets) expect(text.includes(secret), `${place} holds ${secret.slice(0, 6)}…`).toBe(false);
    }
    const marked = entries.map((entry) => JSON.stringify(entry.pii ?? '')).join('\n');
    for (const pattern of personal.slice(0, 3)) expect(marked).toMatch(pattern);
    expect(call.callKey).toMatch(personal[3]!);
    if (!settings['REDIS_URL']) expect(database.length).toBeGreaterThan(0);
    for (const secret of secrets) expect(database.some((text) => text.includes(secret))).toBe(false);
  });

/** What stands around the first place that fits. */
const around = (text: string, pattern: RegExp): string => {
  const at = text.search(pattern);
  return at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100);
};

const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

/** Somebody at the doors who should not be there, and is told of. */
async function knock(webhooks: string, api: string): Promise<void> {
  const forged = {
    method: 'POST',
    headers: { authorization: `Bearer ${wrongKey}` },
    body: JSON.stringify({ said, phone }),
  };
  for (let times = 0; times < 25; times += 1) {
    // oxlint-disable-next-line no-await-in-loop
    await (await fetch(`${webhooks}/webhooks/livekit`, forged)).text();
    // oxlint-disable-next-line no-await-in-loop
    await (
      await fetch(`${api}/v1/calls/${encodeURIComponent(said)}?of=${encodeURIComponent(phone)}`, {
        headers: forged.headers,
      })
    ).text();
  }
}
