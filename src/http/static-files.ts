import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** The page may load from this door and nothing else; besides it may speak to programs of this machine, like the demo's phone. */
const policy = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `img-src 'self'`,
  `connect-src 'self' http://127.0.0.1:*`,
  `worker-src 'self'`,
  `base-uri 'none'`,
  `form-action 'none'`,
  `frame-ancestors 'none'`,
].join('; ');

const notBuilt = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Voicechart</title>
<h1>The console is not built yet</h1><p>Run <code>npm run build</code> and reload this page.</p></html>`;

/** A file of the built console by its path below `/console`; a path without an ending is a page of the application. */
export async function consoleFile(folder: string, path: string): Promise<Response | undefined> {
  if (path.includes('\0')) return undefined;
  const inside = normalize(`/${path}`);
  const isPage = extname(inside) === '';
  const name = isPage ? '/index.html' : inside;
  const content = await read(join(folder, name));
  if (content !== undefined) return page(content, 200, types[extname(name)], isPage || name === '/index.html');
  return isPage ? page(notBuilt, 503, types['.html'], true) : undefined;
}

const read = (file: string): Promise<Uint8Array<ArrayBuffer> | undefined> => readFile(file).catch(() => undefined);

function page(
  content: Uint8Array<ArrayBuffer> | string,
  status: number,
  type = 'application/octet-stream',
  fresh = true,
): Response {
  const caching = fresh ? 'no-cache' : 'public, max-age=31536000, immutable';
  return new Response(content, {
    status,
    headers: { 'content-type': type, 'cache-control': caching, 'content-security-policy': policy },
  });
}
