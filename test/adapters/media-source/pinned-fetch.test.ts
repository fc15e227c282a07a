import { createServer, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../emulators/kit/front.ts';
import { pinnedFetch, resolveHost } from '../../../src/adapters/media-source/pinned-fetch.ts';

async function served(handle: RequestListener): Promise<number> {
  const server = createServer(handle);
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return listen(server, 0);
}

const ask = (port: number, addresses: readonly string[], signal = new AbortController().signal) =>
  pinnedFetch(new URL(`http://media.example.invalid:${port}/a?b`), addresses, signal);

test('R5.3 the name is asked for at the address that was checked, and nowhere else', async () => {
  const port = await served((request, response) => {
    response.writeHead(302, { location: '/c', 'content-type': 'text/plain' });
    response.end(`${request.method} ${request.headers.host} ${request.url}`);
  });
  const given = await ask(port, ['127.0.0.1']);
  const { value } = await given.body.next();
  given.close();
  expect([given.status, given.location, given.contentType]).toEqual([302, '/c', 'text/plain']);
  expect(new TextDecoder().decode(value)).toBe(`GET media.example.invalid:${port} /a?b`);
});

test('a server that is not there, or sends headers without end, rejects', async () => {
  const port = await served((_, response) => response.writeHead(200, { 'x-long': 'x'.repeat(20_000) }).end());
  await expect(ask(port, ['127.0.0.1'])).rejects.toThrow();
  await expect(ask(1, ['127.0.0.1'])).rejects.toThrow();
});

test('whoever gives up is no longer waited for', async () => {
  const port = await served((_, response) => void response.writeHead(200, { 'content-type': 'video/mp4' }).write('x'));
  const leaving = new AbortController();
  const given = await ask(port, ['127.0.0.1'], leaving.signal);
  await given.body.next();
  const more = given.body.next();
  leaving.abort();
  await expect(more).rejects.toThrow();
  given.close();
});

test('names are resolved to all of their addresses', async () => {
  expect(await resolveHost('127.0.0.1')).toEqual(['127.0.0.1']);
  expect(await resolveHost('localhost')).toContain('127.0.0.1');
});
