import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { createLogger } from '../../src/runtime/log.ts';
import { ensureConsole } from '../../tools/build-console.ts';
import { openPhoneDoor, type PhoneDoor } from '../../tools/demo/phone-door.ts';
import { conversationStates } from '../../tools/demo/record.ts';
import type { InstanceAccess } from '../../tools/stack/access.ts';
import { demoPhone } from '../../tools/demo/world.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { type CallWorld, openCallWorld, type TestCall } from '../support/call-world.ts';
import { openBrowser, type TestBrowser, type WatchedPage } from './browser.ts';

const answer = 'At nine.';

let browser: TestBrowser;
let world: CallWorld;
let door: PhoneDoor;
let access: InstanceAccess;
let dialled: TestCall[];
let logDir: string;

beforeAll(async () => {
  await ensureConsole((line) => console.error(line));
  logDir = mkdtempSync(join(tmpdir(), 'voicechart-log-'));
  const log = createLogger({ to: join(logDir, 'log') });
  world = await openCallWorld({
    agent: { disclosure: 'AI here.', greeting: 'Hello?' },
    emulators: { openai: { rules: [{ user: 'open', text: answer }] } },
    settings: { STATELY_INSPECT: '1' },
    log,
  });
  await log.flush();
  access = world.access;
  door = await openPhoneDoor({ api: world.doors.api.url, access, dial });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  door?.close();
  rmSync(logDir, { recursive: true, force: true });
});

async function dial(room: string, from: string) {
  const call = await world.dial({ room, from });
  dialled.push(call);
  return demoPhone(call.phone);
}

/** Where the instance says the inspector is. */
function inspectorUrl(): string {
  const lines = readFileSync(join(logDir, 'log'), 'utf8').trim().split('\n');
  const opened = lines.map((line) => JSON.parse(line)).find(({ code }) => code === 'inspector.open');
  return opened.url as string;
}

const poll = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 50 });
const textOf = (locator: Locator) => poll(async () => (await locator.allTextContents()).join('\n'));
const isOn = (page: Page, state: string) => poll(() => page.locator(`[data-state="${state}"]`).getAttribute('data-on'));
const hostsOf = ({ asked }: WatchedPage) => new Set(asked.map((url) => new URL(url).hostname));

interface Inspected {
  readonly type: string;
  readonly name?: string;
  readonly sessionId: string;
  readonly snapshot?: { readonly value?: unknown };
}

/** Reads from the relay what a Stately inspector would be shown. */
async function watchRelay() {
  const socket = new WebSocket(inspectorUrl().replace('http', 'ws'));
  const messages: Inspected[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8')) as Inspected));
  await once(socket, 'open');
  const actors = () => messages.filter(({ type }) => type === '@xstate.actor');
  return {
    actors: () => actors().map(({ name }) => name),
    /** States the machine of the call went through, in order. */
    values() {
      const call = actors().find(({ name }) => name === 'call')?.sessionId;
      return messages.flatMap(({ sessionId, snapshot }) => (sessionId === call ? [snapshot?.value] : []));
    },
    close: () => socket.terminate(),
  };
}

const isOurs = ({ hostname }: URL) => hostname === '127.0.0.1';

const talking = 'call.live.conversation.talking';

test('R10.1 a visitor phones in, types a line, sees it heard and answered, and the operator hangs up', () =>
  inRealTime(async () => {
    dialled = [];
    const relay = await watchRelay();
    const watched = await browser.open({ viewport: { width: 1440, height: 900 } });
    const { page } = watched;
    await page.goto(await access.consoleLink(world.doors.api.url, `?phone=${encodeURIComponent(door.url)}`));
    await page.getByRole('button', { name: 'Phone in' }).click();
    await textOf(page.locator('.line.agent')).toContain('Hello?✓');
    await isOn(page, `${talking}.listening.quiet`).toBe('true');
    await page.getByLabel('You are the caller').fill('when open?');
    await page.keyboard.press('Enter');
    await isOn(page, `${talking}.replying.speaking`).toBe('true');
    await isOn(page, `${talking}.listening.quiet`).toBe('false');
    await textOf(page.locator('.line.caller')).toContain('when open?');
    await textOf(page.locator('.line.agent')).toContain(`${answer}✓`);
    const { phone, verdict } = dialled[0]!;
    expect(phone.heard().map(({ text }) => text)).toEqual(expect.arrayContaining(answer.split(' ')));
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('button', { name: 'Hang up now' }).click();
    await textOf(page.locator('[data-standing]')).toBe('hung up by operator');
    await isOn(page, 'call.ended').toBe('true');
    expect(verdict().heardEqualsHistory).toBe(true);
    expect(dialled).toHaveLength(1);
    expect(watched.complaints).toEqual([]);
    expect([...hostsOf(watched)]).toEqual(['127.0.0.1']);
    await poll(() => relay.values().at(-1)).toBe('ended');
    expect(relay.values().flatMap(conversationStates)).toEqual(
      expect.arrayContaining(['ringing', 'greeting', 'quiet', 'callerTalking', 'thinking', 'speaking']),
    );
    expect(relay.actors()).toEqual(expect.arrayContaining(['call', 'reply']));
    await page.context().close();
    relay.close();
  }));

test('the inspector’s page is told of that call; stately.ai is asked for nothing until its button is pressed', async () => {
  const watched = await browser.open();
  const { page } = watched;
  await page.context().route(
    (url) => !isOurs(url),
    (route) => route.abort(),
  );
  await page.goto(inspectorUrl());
  await textOf(page.getByRole('status')).toMatch(/^[1-9]\d* events; the last one: /);
  expect([...hostsOf(watched)]).toEqual(['127.0.0.1']);
  await page.getByRole('button').click();
  await poll(() => watched.asked.filter((url) => !isOurs(new URL(url)))).toEqual(['https://stately.ai/inspect']);
  await page.context().close();
});
