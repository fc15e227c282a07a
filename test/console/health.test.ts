import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import type { Role } from '../../src/runtime/api-keys.ts';
import type { ConsoleWorld } from './console-world.ts';
import { eachWithConsole, isOn, poll, textOf, type Visits } from './visits.ts';

let visits: Visits;
let world: ConsoleWorld;
eachWithConsole(
  (begun) => {
    visits = begun;
    ({ world } = begun);
  },
  (opened) => {
    // A refusal of the door is no fault of the page.
    const complaints = opened.flatMap((each) => each.complaints);
    expect(complaints.filter((each) => !each.startsWith('Failed to load resource'))).toEqual([]);
  },
);
const visit = (hash = '#/health', options?: Parameters<Visits['visit']>[1]) => visits.visit(hash, options);

const target = (page: Page, name: string) => page.locator(`[data-target="${name}"]`);
const sideways = (page: Page): Promise<number> =>
  page.evaluate(`document.scrollingElement.scrollWidth - document.documentElement.clientWidth`);

const trouble = { target: 'cartesia', since: Date.now() - 60_000 } as const;
const incident = { ...trouble, critical: false, failure: undefined } as never;

describe('the page of health', () => {
  test('R7.5 tells each target’s status, latency, rates and reasons, and changes as they do', async () => {
    world.health.see('livekit-room');
    world.health.see('cartesia', { tookMs: 240, operation: 'GET /voices?limit=1' });
    const page = await visit();
    await textOf(page.locator('[data-sentence]')).toBe('Everything that calls need is well.');
    await textOf(target(page, 'livekit-room')).toMatch(/Rooms.*healthy.*4 ms of 100 ms100 %4 ms/);
    for (let times = 0; times < 3; times += 1) world.health.fail('cartesia', 'ECONNREFUSED');
    await poll(() => target(page, 'cartesia').getAttribute('data-status')).toBe('unhealthy');
    await textOf(target(page, 'cartesia')).toMatch(/ECONNREFUSED.*3 of 4 failed in 5 minutes \(allowed: 1 %\).*25 %/);
    await textOf(page.locator('[data-sentence]')).toBe('Cartesia is not well.');
    await textOf(page.locator('[data-standing]')).toBe('not all well');
  });

  test('R7.5 shows recovery’s machine where it is, what it did, and the posture', async () => {
    const page = await visit();
    await isOn(page, 'recovery.course.running').toBe('true');
    await textOf(page.getByRole('region', { name: 'Posture' })).toContain('nothing is switched off');
    await textOf(page.getByRole('region', { name: 'Recovery' })).toContain('It had nothing to do yet');
    world.health.recover({
      active: ['recovery.course.network', 'recovery.course.network.reconnecting', 'recovery.standing.kept'],
      trouble,
      posture: {
        version: 2,
        since: Date.now(),
        mode: 'degraded',
        livekitHost: 'fallback',
        sipSet: 'primary',
        avoid: ['cartesia'],
        limited: ['egress'],
        measures: [],
      },
      journal: [{ at: Date.now(), box: 'network.checking', target: 'cartesia', did: 'the network is there' }],
    });
    await isOn(page, 'recovery.course.network').toBe('true');
    await isOn(page, 'recovery.course.running').toBe('false');
    await textOf(page.locator('.waiting')).toContain('sees to Cartesia');
    await textOf(page.locator('.journal')).toMatch(/network\.checking Cartesia.*the network is there/);
    await textOf(page.getByRole('region', { name: 'Posture' })).toMatch(
      /degraded.*New calls.*at the fallback LiveKit.*Asked last.*Cartesia.*Switched off.*egress/,
    );
  });

  test('D8.8 an administrator says that it is mended, by keyboard, and is told when that must wait', async () => {
    world.health.recover({ incidents: [incident] });
    const page = await visit();
    const button = page.getByRole('button', { name: 'It is mended' });
    await button.focus();
    await page.keyboard.press('Enter');
    await poll(() => world.health.told).toEqual(['acknowledged']);
    world.health.busy();
    await page.keyboard.press('Enter');
    await textOf(page.getByRole('alert')).toBe(
      'Recovery is mending something else just now. Ask again in a few seconds',
    );
    world.health.recover({ incidents: [] });
    await poll(() => button.count()).toBe(0);
  });

  test('R8.5 alerts and blocked sources are listed, and a source is let in again', async () => {
    const now = Date.now();
    const alert = { kind: 'target_status', target: 'cartesia', severity: 'critical', facts: {}, lastAt: now } as const;
    world.health.alert([
      { ...alert, id: 'a', position: 2, summary: 'cartesia is away', state: 'open', count: 3, openedAt: now },
      { ...alert, id: 'b', position: 1, summary: 'groq was away', state: 'resolved', count: 1, openedAt: now },
    ]);
    world.health.block([
      { id: 'x', source: { kind: 'ip', value: '203.0.113.9' }, why: 'bad_key', since: now, until: now + 600_000 },
    ]);
    const page = await visit();
    await textOf(page.locator('[data-alert]').first()).toMatch(/cartesia is away.*critical.*3 times/);
    await textOf(page.locator('[data-alert]').last()).toMatch(/groq was away.*over/);
    await textOf(page.locator('[data-block]')).toMatch(/203\.0\.113\.9.*bad key; for 9 min more/);
    await page.getByRole('button', { name: 'Let in 203.0.113.9' }).click();
    await textOf(page.getByRole('region', { name: 'Blocked sources' })).toContain('Nobody is refused');
    expect(world.health.told).toEqual(['let in x']);
  });

  test('a lost connection is shown and comes back by itself; what an instance does not look at is said', async () => {
    const page = await visit('');
    await page.getByRole('link', { name: 'Health' }).click();
    await textOf(page.getByRole('region', { name: 'What calls depend on' })).toContain('looks at nothing');
    await world.shut();
    await textOf(page.locator('.top .pill')).toContain('reconnecting');
    await world.reopen();
    world.health.see('redis');
    await poll(() => target(page, 'redis').getAttribute('data-status')).toBe('healthy');
  });

  test.each(['light', 'dark'] as const)('fits a telephone, in %s', async (colorScheme) => {
    world.health.fail('cartesia', `connect ECONNREFUSED ${'a-long-name.'.repeat(12)}example`);
    world.health.recover({ incidents: [incident] });
    const page = await visit('#/health', { colorScheme, viewport: { width: 360, height: 740 } });
    await page.locator('[data-machine="recovery"]').waitFor();
    expect(await sideways(page)).toBe(0);
    const { x, width } = (await page.getByRole('button', { name: 'It is mended' }).boundingBox())!;
    expect(x >= 0 && x + width <= 360).toBe(true);
  });
});

test('R8.2 whoever may only look sees health, and neither buttons nor who is blocked', async () => {
  world = await visits.anew({ guarded: true });
  world.health.see('redis');
  world.health.recover({ incidents: [incident] });
  const { text } = await world.access.keys.create({ name: 'Ada', role: 'viewer' satisfies Role });
  const page = await visit();
  await page.getByLabel('Your key').fill(text);
  await page.keyboard.press('Enter');
  await poll(() => target(page, 'redis').getAttribute('data-status')).toBe('healthy');
  await textOf(page.locator('.incident')).toContain('An administrator says when it is mended');
  expect(await page.getByRole('button', { name: /mended|Let in/ }).count()).toBe(0);
  expect(await page.getByRole('region', { name: 'Blocked sources' }).count()).toBe(0);
});
