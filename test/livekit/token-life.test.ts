import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { disposeRtc, loadRtc, type RtcRoom } from '../../src/adapters/livekit/rtc.ts';
import { openBrowser } from '../console/browser.ts';
import { sharedLivekit } from '../support/hub.ts';
import { openTokenDoor } from '../support/token-door.ts';
import { openTokenPage } from '../support/token-page.ts';

const { url, httpUrl } = sharedLivekit();
/** The shortest life, and LiveKit's leeway. */
const ended = { timeout: 90_000, interval: 500 };

let door: Awaited<ReturnType<typeof openTokenDoor>>;
beforeEach(async () => {
  door = await openTokenDoor();
});
afterEach(() => door.close());
afterAll(() => disposeRtc());

async function connected(token: string): Promise<RtcRoom> {
  const rtc = await loadRtc();
  const room = new rtc.Room();
  await room.connect(url, token, { autoSubscribe: true, dynacast: false });
  return room;
}

/** The tokens of a stream, as they come. */
async function* tokensOf(stream: string, signal: AbortSignal) {
  const response = await fetch(stream, { signal });
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    for (let at = text.indexOf('\n\n'); at >= 0; at = text.indexOf('\n\n')) {
      const data = /^data: (\{.*"token".*\})$/m.exec(text.slice(0, at))?.[1];
      text = text.slice(at + 2);
      if (data) yield (JSON.parse(data) as { readonly token: string }).token;
    }
  }
}

const saysServer = async (token: string): Promise<number> => {
  const response = await fetch(`${httpUrl}/rtc/validate?access_token=${token}`);
  await response.arrayBuffer();
  return response.status;
};

test('D2.3 R1.5 R6.5 a real client goes on without a break past its first token’s end, and joins anew with the newest', async () => {
  const stop = new AbortController();
  const { id, token } = await door.issue({ lifeSeconds: 10 });
  const got: string[] = [];
  const following = (async () => {
    for await (const each of tokensOf(`${door.url}/${id}/stream`, stop.signal)) got.push(each);
  })().catch(() => undefined);
  const rtc = await loadRtc();
  const client = await connected(token);
  const breaks: string[] = [];
  client.on(rtc.RoomEvent.Reconnecting, () => breaks.push('reconnecting'));
  client.on(rtc.RoomEvent.Disconnected, () => breaks.push('disconnected'));

  await expect.poll(() => saysServer(token), ended).toBe(401);
  expect(got[0]).toBe(token);
  expect(got.length).toBeGreaterThanOrEqual(8);
  expect(breaks).toEqual([]);
  expect(client.isConnected).toBe(true);
  await expect(connected(token)).rejects.toThrow();
  expect(await saysServer(got.at(-1)!)).toBe(200);
  const anew = await connected(got.at(-1)!);
  expect(anew.isConnected).toBe(true);

  stop.abort();
  await Promise.all([client.disconnect(), anew.disconnect(), following]);
});

test('D2.3 R1.5 R6.5 so does a page in a browser, with the helper of docs/ and livekit-client', async () => {
  const { id, token } = await door.issue({ identity: 'page', lifeSeconds: 10 });
  const [served, browser] = await Promise.all([openTokenPage(door.url), openBrowser()]);
  const { page, complaints } = await browser.open();
  await page.goto(served.url);
  await page.waitForFunction('window.ready');
  await page.evaluate(`window.begin('${url}', '${id}')`);
  expect(await page.evaluate('window.first')).toBe(token);

  await expect.poll(() => saysServer(token), ended).toBe(401);
  expect(await page.evaluate('[window.breaks, window.room.state]')).toEqual([[], 'connected']);
  const newest = (await page.evaluate('window.tokens.newest()')) as string;
  expect([newest === token, await saysServer(newest)]).toEqual([false, 200]);
  await page.evaluate('window.room.disconnect()');
  expect(complaints).toEqual([]);
  await expect(page.evaluate(`window.joined('${url}', window.first, [])`)).rejects.toThrow(/401|invalid token|token/i);
  const anew = `window.joined('${url}', '${newest}', []).then((room) => room.state)`;
  expect(await page.evaluate(anew)).toBe('connected');

  expect(await door.revoke(id)).toBe(204);
  await page.waitForFunction(`window.ended === 'revoked'`);
  await browser.close();
  await served.close({ graceMs: 0 });
});
