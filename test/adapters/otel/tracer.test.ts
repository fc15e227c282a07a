import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createOtlpTracer } from '../../../src/adapters/otel/tracer.ts';
import { Secret } from '../../../src/secret.ts';

interface SentSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status: { readonly code?: number; readonly message?: string };
}

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => (server.closeAllConnections(), server.close())));

async function collector(status = 200) {
  const requests: { readonly path: string | undefined; readonly key: unknown; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    requests.push({ path: request.url, key: request.headers['x-key'], body: await textOf(request) });
    response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { requests, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

const tracerTo = (endpoint: string) =>
  createOtlpTracer({ endpoint, headers: new Map([['x-key', new Secret('let me in')]]), service: 'hotel' });

test('D5.3 spans reach a collector by OTLP, with their times, parents, failures and the header it asks for', async () => {
  const { requests, endpoint } = await collector();
  const tracer = tracerTo(endpoint);
  const call = tracer.begin({ name: 'call', at: 1_700_000_000_000, attributes: { turns: 2 } });
  const stage = tracer.begin({ name: 'stage', at: 1_700_000_000_100, attributes: {}, within: call });
  stage.end(1_700_000_000_350, 'api.rate');
  call.end(1_700_000_002_000);
  await tracer.close();
  expect(requests.map(({ path, key }) => [path, key])).toEqual([['/v1/traces', 'let me in']]);
  const [resource] = JSON.parse(requests[0]!.body).resourceSpans;
  expect(JSON.stringify(resource.resource)).toContain('"hotel"');
  const spans: SentSpan[] = resource.scopeSpans[0].spans;
  const [sentStage, sentCall] = spans;
  expect(sentStage).toMatchObject({
    name: 'stage',
    traceId: sentCall!.traceId,
    parentSpanId: sentCall!.spanId,
    startTimeUnixNano: '1700000000100000000',
    endTimeUnixNano: '1700000000350000000',
    status: { code: 2, message: 'api.rate' },
  });
  expect(sentCall!.parentSpanId ?? '').toBe('');
});

test.each(['refuses', 'is not there'])('a collector that %s harms nobody', async (how) => {
  const { endpoint } = how === 'refuses' ? await collector(400) : { endpoint: 'http://127.0.0.1:1' };
  const tracer = tracerTo(endpoint);
  tracer.begin({ name: 'call', at: 1, attributes: {} }).end(2);
  await tracer.close();
});
