import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { ensureConsole } from '../../tools/build-console.ts';
import { openBrowser, type TestBrowser, type WatchedPage } from './browser.ts';
import { type ConsoleWorld, openConsoleWorld } from './console-world.ts';

/** Pages of one test and the instance that they are of. */
export interface Visits {
  world: ConsoleWorld;
  readonly opened: readonly WatchedPage[];
  visit(path: string, options?: Parameters<TestBrowser['open']>[0]): Promise<Page>;
  /** Another console instead. */
  anew(options: Parameters<typeof openConsoleWorld>[0]): Promise<ConsoleWorld>;
}

/** For the tests of a file: one browser, and for each of them a console and pages of its own, which `left` looks at afterwards. */
export function eachWithConsole(begin: (visits: Visits) => void, left: (opened: readonly WatchedPage[]) => void): void {
  let browser: TestBrowser;
  let visits: Visits;

  beforeAll(async () => {
    await ensureConsole((line) => console.error(line));
    browser = await openBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => begin((visits = visitsOf(browser, await openConsoleWorld()))));
  afterEach(async () => {
    left(visits.opened);
    await Promise.all(visits.opened.map(({ page }) => page.context().close()));
    await visits.world.close();
  });
}

function visitsOf(browser: TestBrowser, first: ConsoleWorld): Visits {
  const opened: WatchedPage[] = [];
  async function visit(path: string, options: Parameters<TestBrowser['open']>[0] = {}): Promise<Page> {
    const watched = await browser.open({ viewport: { width: 1440, height: 900 }, ...options });
    opened.push(watched);
    await watched.page.goto(`${visits.world.url}/console/${path}`);
    return watched.page;
  }
  const visits: Visits = {
    world: first,
    opened,
    visit,
    async anew(options) {
      await visits.world.close();
      return (visits.world = await openConsoleWorld(options));
    },
  };
  return visits;
}

export const poll = (look: () => unknown) => expect.poll(look, { timeout: 20_000, interval: 50 });
export const textOf = (locator: Locator) => poll(async () => (await locator.allTextContents()).join('\n'));
export const isOn = (page: Page, state: string) =>
  poll(() => page.locator(`[data-state="${state}"]`).getAttribute('data-on'));
