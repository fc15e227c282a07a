import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { setup } from 'xstate';
import type { Role } from '../../src/runtime/api-keys.ts';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import { chartOf } from '../../src/runtime/chart.ts';
import { type ConsoleWorld, openFakePhone, recordedCall } from './console-world.ts';
import { eachWithConsole, isOn, poll, textOf, type Visits } from './visits.ts';

const live = 'voice-ai-call-_+15550199_27fc/ä~SCL_live';
const over = 'voice-ai-call-_+15550199_11aa~SCL_over';
const hash = (key: string) => `#/calls/${encodeURIComponent(key)}`;

let world: ConsoleWorld;
let opened: Visits['opened'];
let visit: Visits['visit'];
let anew: Visits['anew'];
eachWithConsole(
  (begun) => ({ world, opened, visit, anew } = begun),
  (left) => {
    const hosts = new Set(left.flatMap(({ asked }) => asked.map((url) => new URL(url).hostname)));
    expect([...hosts]).toEqual(left.length > 0 ? ['127.0.0.1'] : []);
  },
);

/** Entries of the recorded call up to this one, as if it happened now; and the rest. */
function callUpTo(last: (draft: LogDraft, index: number) => boolean): { before: LogDraft[]; after: LogDraft[] } {
  const drafts = recordedCall(0);
  const end = drafts.findIndex(last) + 1;
  const moved = recordedCall(Date.now() - Math.max(...drafts.slice(0, end).map(({ at }) => at)));
  return { before: moved.slice(0, end), after: moved.slice(end) };
}

const activeIn = (draft: LogDraft): readonly string[] =>
  draft.kind === 'state' && draft.data.machine === 'call' ? (draft.data['active'] as string[]) : [];
const enters = (state: string) => (draft: LogDraft) => activeIn(draft).some((id) => id.endsWith(state));
const cutNow = (draft: LogDraft) => draft.kind === 'line' && draft.data.cut === true && draft.pii.text !== '';

const quiet = 'call.live.conversation.talking.listening.quiet';
const speaking = 'call.live.conversation.talking.replying.speaking';

describe('the list of calls', () => {
  test('tells who calls whom, how long, and how it ended; live calls come first and lead to their page', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    await world.append(over, recordedCall(Date.now() - 60_000));
    const page = await visit('');
    const rows = page.locator('[data-call]');
    await poll(() => rows.count()).toBe(2);
    expect(await rows.first().textContent()).toMatch(/\+1 555 0199 → receptionist.*live process 4711/);
    expect(await rows.last().textContent()).not.toContain('process');
    expect(await rows.last().textContent()).toMatch(/agent said goodbye.*10 turns.*01:0\d/);
    await rows.first().click();
    await textOf(page.locator('.line')).toContain('Hotel Lindau, how can I help you?');
    await page.goBack();
    await poll(() => rows.count()).toBe(2);
  });

  test('a call that begins appears, and one that ends says how', async () => {
    const page = await visit('');
    await textOf(page.locator('main')).toContain('No calls yet');
    await textOf(page.locator('main')).toContain('npm run demo');
    const { before, after } = callUpTo(enters('listening.quiet'));
    await world.append(live, before);
    await textOf(page.locator('[data-call]')).toContain('live');
    await world.append(live, after);
    await textOf(page.locator('[data-call]')).toContain('agent said goodbye');
  });
});

describe('the page of a call', () => {
  test('lights the states the machine is in, and the next ones as they come', async () => {
    const { before, after } = callUpTo(enters('listening.quiet'));
    await world.append(live, before);
    const page = await visit(hash(live));
    await isOn(page, quiet).toBe('true');
    await isOn(page, 'listening').toBe('true');
    await isOn(page, speaking).toBe('false');
    expect(await page.locator('[data-machine="reply"]').getAttribute('class')).toContain('rests');
    const next = after.findIndex(enters('replying.speaking')) + 1;
    await world.append(live, after.slice(0, next));
    await isOn(page, speaking).toBe('true');
    await isOn(page, quiet).toBe('false');
    await poll(() => page.locator('[data-machine="reply"]').getAttribute('class')).toContain('lives');
    await textOf(page.locator('[data-last-event]')).toBe('playback.started');
  });

  test('deadlines count down beside the state that waits', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(hash(live));
    const due = page.locator(`[data-state="${quiet}"] [data-due]`);
    const leftMs = async () => Number.parseFloat((await due.textContent()) ?? '') * 1000;
    await poll(leftMs).toBeLessThan(7_000);
    expect(await due.getAttribute('data-due')).toBe('callerSilent');
    const first = await leftMs();
    await poll(leftMs).toBeLessThan(first - 300);
    await textOf(page.locator('[data-next]')).toMatch(/after callerSilent in \d\.\d s/);
  });

  test('what was heard is plain, what was cut is struck out, a tool shows what it was asked and what it gave', async () => {
    const { before } = callUpTo(cutNow);
    await world.append(live, before);
    const page = await visit(hash(live));
    const struck = page.locator('.line.agent del');
    await textOf(struck).toMatch(/lit from four\.$/);
    const line = page.locator('.line.agent', { has: page.locator('del') });
    expect(await line.textContent()).toContain('The house stands at the harbour');
    expect(await struck.textContent()).not.toContain('The house');
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.line.agent del')).textDecorationLine`)).toBe(
      'line-through',
    );
    await textOf(page.locator('.line.tool')).toMatch(/room_price\(nights: 2\).*total: 280/);
    await textOf(page.locator('.line.aside')).toMatch(/uh-huh.*backchannel, 419 ms/);
    expect(await page.locator('[data-mark="cut"]').count()).toBe(1);
  });

  test('each answer has its latencies, with a legend', async () => {
    await world.append(over, recordedCall(Date.now() - 60_000));
    const page = await visit(hash(over));
    const bar = page.locator('.latency[data-turn="3"]');
    await poll(() => bar.getAttribute('aria-label')).toMatch(/^reply after .*model \d+ ms/);
    await textOf(page.locator('.legend').first()).toContain('end of turn');
    await textOf(page.locator('[data-median]')).toMatch(/\d+ ms/);
  });

  test('say and hang up arrive; hanging up asks first', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(hash(live));
    await page.getByLabel('Let the agent say').fill('One moment, I am calling my colleague.');
    await page.locator('.operator button').click();
    await poll(() => world.told).toEqual([[live, { type: 'say', text: 'One moment, I am calling my colleague.' }]]);
    await poll(() => page.getByLabel('Let the agent say').inputValue()).toBe('');
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('button', { name: 'Keep the call' }).click();
    expect(world.told).toHaveLength(1);
    await page.getByRole('button', { name: 'Hang up' }).click();
    await page.getByRole('button', { name: 'Hang up now' }).click();
    await poll(() => world.told[1]).toEqual([live, { type: 'hang_up' }]);
  });

  test('what the door refuses is shown with what to do', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(hash(live));
    world.loseCalls();
    await page.getByLabel('Let the agent say').fill('Hello?');
    await page.keyboard.press('Enter');
    await textOf(page.getByRole('alert')).toBe('This call is not run here. Ask the instance that runs it');
    expect(await page.getByLabel('Let the agent say').inputValue()).toBe('Hello?');
  });

  test('a lost connection is shown, comes back by itself, and nothing is missing or twice', async () => {
    const { before, after } = callUpTo(enters('listening.quiet'));
    await world.append(live, before);
    const page = await visit(hash(live));
    await poll(() => page.locator('[data-standing]').getAttribute('data-standing')).toBe('live');
    await world.shut();
    await textOf(page.locator('[data-standing]')).toContain('reconnecting');
    await world.append(live, after);
    await world.reopen();
    await textOf(page.locator('[data-standing]')).toBe('agent said goodbye');
    await poll(() => page.locator('.line.agent').count()).toBe(10);
  });

  test('an ended call is told from its log; going back in time shows it as it was', async () => {
    await world.append(over, recordedCall(Date.now() - 600_000));
    const page = await visit(hash(over));
    await isOn(page, 'call.ended').toBe('true');
    await poll(() => page.locator('.line.agent').count()).toBe(10);
    expect(await page.getByRole('button', { name: 'Hang up' }).count()).toBe(0);
    await page.getByLabel('Moment of the call that is shown').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await isOn(page, 'call.live.conversation.ringing').toBe('true');
    await poll(() => page.locator('.line.agent').count()).toBe(0);
    await page.getByRole('button', { name: 'To the end' }).click();
    await isOn(page, 'call.ended').toBe('true');
  });

  test('a call there is not is said so; one whose instance is gone comes when that is back', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(hash('nobody'));
    await textOf(page.getByRole('alert')).toContain('There is no such call');
    await world.shut();
    await page.evaluate(`location.hash = ${JSON.stringify(hash(live))}`);
    await textOf(page.getByRole('alert')).toMatch(/does not answer\. Looking again/);
    await world.reopen();
    await isOn(page, quiet).toBe('true');
  });

  test('a machine the build did not know is laid out here, once', async () => {
    const lamp = setup({}).createMachine({
      id: 'call',
      initial: 'dark',
      states: { dark: { on: { PRESS: 'bright' } }, bright: { on: { PRESS: 'dark' } } },
    });
    world = await anew({ charts: [chartOf(lamp)] });
    const state = { machine: 'call', value: 'bright', active: ['call.bright'], by: 'PRESS', timers: [] };
    await world.append(live, [{ at: Date.now(), kind: 'state', data: state }]);
    const page = await visit(hash(live));
    await isOn(page, 'call.bright').toBe('true');
    expect(enginesLoaded()).toBe(1);
    await page.reload();
    await isOn(page, 'call.bright').toBe('true');
    expect(enginesLoaded()).toBe(1);
  });
});

describe('the visitor who is the caller', () => {
  test('phones in, and what is typed goes to the phone: words are spoken, digits are keys', async () => {
    const phone = await openFakePhone(live, world.url);
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(`?phone=${encodeURIComponent(phone.url)}`);
    await page.getByRole('button', { name: 'Phone in' }).click();
    await poll(() => page.url()).toContain(hash(live));
    await page.reload();
    await page.getByLabel('You are the caller').fill('is there a lake?');
    await page.keyboard.press('Enter');
    await poll(() => phone.told).toEqual([{ type: 'dial' }, { type: 'say', text: 'is there a lake?' }]);
    await poll(() => page.getByLabel('You are the caller').inputValue()).toBe('');
    await page.getByLabel('You are the caller').fill('4701#');
    await page.getByRole('button', { name: 'Press' }).click();
    await page.getByRole('button', { name: 'Put down' }).click();
    await poll(() => phone.told.slice(2)).toEqual([{ type: 'keys', text: '4701#' }, { type: 'hang_up' }]);
    phone.close();
  });

  test('is not offered to speak in the call of somebody else', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(`?phone=${encodeURIComponent('http://127.0.0.1:9')}${hash(live)}`);
    await page.getByRole('button', { name: 'Phone in' }).click();
    await textOf(page.getByRole('alert')).toContain('127.0.0.1:9 does not answer');
    expect(await page.getByLabel('You are the caller').count()).toBe(0);
  });
});

describe('everybody', () => {
  test('can do everything by keyboard, and sees where they are', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit('');
    await page.locator('[data-call]').waitFor();
    await tabTo(page, '[data-call]');
    await page.keyboard.press('Enter');
    await page.locator('.line').first().waitFor();
    await tabTo(page, '.top .danger');
    await page.keyboard.press('Enter');
    await page.locator('dialog[open]').waitFor();
    await page.keyboard.press('Escape');
    await poll(() => page.locator('dialog[open]').count()).toBe(0);
    await tabTo(page, '#operator-text');
    await page.keyboard.type('Good evening.');
    await page.keyboard.press('Enter');
    await poll(() => world.told).toEqual([[live, { type: 'say', text: 'Good evening.' }]]);
    expect(await page.getByRole('log').getAttribute('aria-live')).toBe('polite');
  });

  test('gets light or dark as the system says, or as chosen, also next time', async () => {
    await world.append(live, callUpTo(enters('listening.quiet')).before);
    const page = await visit(hash(live), { colorScheme: 'dark' });
    await page.locator('.line').first().waitFor();
    expect(await brightness(page)).toBeLessThan(40);
    await page.getByRole('button', { name: /^Colours/ }).click();
    expect(await brightness(page)).toBeGreaterThan(220);
    await page.reload();
    await page.locator('.line').first().waitFor();
    expect(await brightness(page)).toBeGreaterThan(220);
  });

  test('can use it on a telephone: 390 px without scrolling sideways', async () => {
    const { before, after } = callUpTo(cutNow);
    await world.append(live, before);
    await world.append(over, recordedCall(Date.now() - 60_000));
    const page = await visit('', { viewport: { width: 390, height: 844 } });
    await page.locator('[data-call]').first().waitFor();
    expect(await sideways(page)).toBe(0);
    await page.locator('[data-call]').first().click();
    await page.locator('.plate.on').first().waitFor();
    await world.append(live, after.slice(0, 5));
    expect(await sideways(page)).toBe(0);
    for (const name of ['Hang up', 'Back to live']) expect(await inside(page, name)).toBe(true);
  });

  test('the page keeps to its policy: no errors, no refusals', async () => {
    await world.append(over, recordedCall(Date.now() - 60_000));
    const page = await visit(hash(over));
    await isOn(page, 'call.ended').toBe('true');
    expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
    const outside = await page.evaluate(`fetch('http://example.invalid/').then(() => 'reached', () => 'refused')`);
    expect(outside).toBe('refused');
    await vi.waitFor(() => expect(opened[0]!.complaints.join()).toContain('Content Security Policy'));
    opened[0]!.asked.splice(0, Infinity, ...opened[0]!.asked.filter((url) => !url.includes('example.invalid')));
  });
});

const mostTabs = 30;

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let tabs = 0; tabs < mostTabs; tabs += 1) {
    await page.keyboard.press('Tab');
    const there = await page.evaluate(`document.activeElement.matches(${JSON.stringify(selector)})`);
    if (!there) continue;
    const outline = await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`);
    expect(outline).not.toBe('none');
    return;
  }
  throw new Error(`${selector} cannot be reached by Tab`);
}

async function brightness(page: Page): Promise<number> {
  const colour = await page.evaluate<string>(`getComputedStyle(document.body).backgroundColor`);
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  return (red + green + blue) / 3;
}

const sideways = (page: Page): Promise<number> =>
  page.evaluate(`document.scrollingElement.scrollWidth - document.documentElement.clientWidth`);

const enginesLoaded = (): number => opened[0]!.asked.filter((url) => url.includes('elk-worker')).length;

async function inside(page: Page, name: string): Promise<boolean> {
  const box = await page.getByRole('button', { name }).boundingBox();
  return box !== null && box.x >= 0 && box.x + box.width <= 390;
}

const field = (page: Page) => page.getByLabel('Your key');
const logIn = (page: Page) => page.getByRole('button', { name: 'Log in' });
const keyOf = async (role: Role) => world.access.keys.create({ name: 'Ada', role });
const linkOf = async (role: Role) => {
  const { key } = await keyOf(role);
  return { key, hash: `#/enter/${((await world.access.links.issue(key.id)) as { secret: string }).secret}` };
};

describe('who may come in', () => {
  beforeEach(async () => {
    world = await anew({ guarded: true });
    await world.append(live, callUpTo(enters('listening.quiet')).before);
  });

  test('nobody without a key: a wrong one is said to be wrong, a good one opens the calls, and logging out shuts them', async () => {
    const page = await visit('');
    await field(page).fill('vck_wrong');
    await logIn(page).click();
    await textOf(page.getByRole('alert')).toContain('There is no such key');
    expect(await page.locator('[data-call]').count()).toBe(0);
    await field(page).fill((await keyOf('operator')).text);
    await page.keyboard.press('Enter');
    await textOf(page.locator('[data-call]')).toContain('+1 555 0199');
    await page.reload();
    await textOf(page.locator('[data-call]')).toContain('+1 555 0199');
    expect(await page.evaluate('document.cookie')).toBe('');
    await page.getByRole('button', { name: 'Log out' }).click();
    await poll(() => field(page).isVisible()).toBe(true);
    await page.reload();
    await poll(() => field(page).isVisible()).toBe(true);
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  test('a link lets one browser in, once, and does not stay in its address; the second is told what to do', async () => {
    const { hash } = await linkOf('operator');
    const [first, second] = [await visit(hash), await visit(hash)];
    await textOf(first.locator('[data-call]')).toContain('+1 555 0199');
    expect(first.url()).toBe(`${world.url}/console/#/`);
    await textOf(second.getByRole('alert')).toMatch(
      /This link was used, or is too old\. Ask for a new one, or log in with a key/,
    );
  });

  test('whoever may only look sees the call happen, and no button that would be refused', async () => {
    const { text } = await keyOf('viewer');
    const page = await visit(hash(live));
    await field(page).fill(text);
    await logIn(page).click();
    await isOn(page, quiet).toBe('true');
    expect(await page.getByRole('button', { name: 'Hang up' }).count()).toBe(0);
    expect(await page.getByLabel('Let the agent say').count()).toBe(0);
  });

  test('a key that is revoked while somebody looks: the page asks for another', async () => {
    const { key, hash } = await linkOf('viewer');
    const page = await visit(hash);
    await textOf(page.locator('[data-call]')).toContain('+1 555 0199');
    await world.access.keys.revoke(key.id);
    await textOf(page.getByRole('alert')).toContain('This key was revoked');
  });

  test.each(['light', 'dark'] as const)(
    'the page that asks is whole in %s, on a telephone too',
    async (colorScheme) => {
      for (const width of [1440, 360]) {
        const page = await visit('', { colorScheme, viewport: { width, height: 800 } });
        await poll(() => field(page).isVisible()).toBe(true);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      }
    },
  );
});
