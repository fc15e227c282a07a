import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Hono } from 'hono';
import { systemClock } from '../../src/clock.ts';
import { listen, type Listener } from '../../src/http/listen.ts';

const fileAt = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const scripts = {
  '/token-client.js': 'docs/token-client.js',
  '/livekit-client.js': 'node_modules/livekit-client/dist/livekit-client.umd.js',
} as const;

/** What the page keeps for the test to look at. */
const page = `<!doctype html><link rel="icon" href="data:,"><script src="/livekit-client.js"></script><script type="module">
import { followTokens } from '/token-client.js';
const { Room } = LivekitClient;
window.begin = async (url, id) => {
  window.breaks = [];
  window.tokens = followTokens('/tokens/' + id + '/stream', { ended: (why) => (window.ended = why) });
  window.first = await window.tokens.newest();
  window.room = await window.joined(url, window.first, window.breaks);
};
window.joined = async (url, token, breaks) => {
  const room = new Room();
  for (const event of ['reconnecting', 'signalReconnecting', 'disconnected']) room.on(event, () => breaks.push(event));
  await room.connect(url, token);
  return room;
};
window.ready = true;
</script>`;

/** A page as a user's own server would bring it: their script, and the stream of a credential passed on from ours. */
export function openTokenPage(tokens: string): Promise<Listener> {
  const app = new Hono();
  app.get('/', (context) => context.html(page));
  for (const [path, file] of Object.entries(scripts))
    app.get(path, async (context) =>
      context.body(await readFile(fileAt(file), 'utf8'), 200, { 'content-type': 'text/javascript' }),
    );
  app.get('/tokens/:id/stream', async (context) => {
    const after = context.req.header('last-event-id');
    const from = `${tokens}/${context.req.param('id')}/stream`;
    const headers = after === undefined ? {} : { 'last-event-id': after };
    const { body, status } = await fetch(from, { headers, signal: context.req.raw.signal });
    return new Response(body, { status, headers: { 'content-type': 'text/event-stream' } });
  });
  const address = { host: '127.0.0.1', port: 0 };
  return listen(app, { address, setting: 'the page', clock: systemClock });
}
