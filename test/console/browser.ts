import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findBrowser } from '../../tools/services/packages.ts';

/** A page of a real browser, with what it asked for and complained about. */
export interface WatchedPage {
  readonly page: Page;
  /** Addresses of every request and socket. */
  readonly asked: string[];
  /** Errors of the page, refusals of its content security policy among them. */
  readonly complaints: string[];
}

export interface TestBrowser {
  open(options?: BrowserContextOptions): Promise<WatchedPage>;
  close(): Promise<void>;
}

/** The machine's Chromium or Chrome, without a window. */
export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error('The console is tested in Chromium: apt-get install chromium');
  const browser: Browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  return {
    async open(options) {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const asked: string[] = [];
      const complaints: string[] = [];
      context.on('request', (request) => asked.push(request.url()));
      page.on('websocket', (socket) => asked.push(socket.url()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      return { page, asked, complaints };
    },
    close: () => browser.close(),
  };
}
