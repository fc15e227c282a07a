import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { createHub } from '../../src/runtime/hub.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';
import type { CallNotice, Sighting, StatusChange } from '../../src/runtime/notices.ts';
import { openAlerting } from '../../src/wiring/alerting.ts';

const key = Buffer.alloc(32, 5);
const threw = () => undefined;

test('D5.4 from a changed status to a receiver who can tell by the signature that it is ours', async () => {
  const got = Promise.withResolvers<{ headers: IncomingHttpHeaders; body: string }>();
  const beat = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    response.writeHead(204).end();
    if (request.url === '/beat') beat.resolve(body);
    else got.resolve({ headers: request.headers, body });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings = readConfig({
    LIVEKIT_URL: 'ws://127.0.0.1:7880',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 's'.repeat(32),
    ALERT_WEBHOOK_URL: `${receiver}/hook`,
    ALERT_WEBHOOK_SECRETS: `whsec_${key.toString('base64')}`,
    ALERT_WEBHOOK_INSIDE: '1',
    ALERT_HEARTBEAT_MS: '60000',
    ALERT_HEARTBEAT_URL: `${receiver}/beat`,
  });
  if ('problems' in settings) throw new Error(settings.problems.join());
  const statuses = createHub<StatusChange>(threw);
  const dataDir = mkdtempSync(join(tmpdir(), 'voicechart-alerting-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const alerting = await openAlerting({
    ...settings,
    config: { ...settings.config, dataDir },
    instance: 'one',
    clock: systemClock,
    log: createLogger({ level: 'silent' }),
    statuses,
    notices: createHub<CallNotice>(threw),
    sightings: createHub<Sighting>(threw),
    posture: createPostureBoard(threw),
  });
  statuses.tell({ target: 'redis', status: 'unhealthy', at: systemClock.now() });

  const { headers, body } = await got.promise;
  const signed = createHmac('sha256', key).update(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
  expect(headers['webhook-signature']).toBe(`v1,${signed.digest('base64')}`);
  expect(JSON.parse(body).data.alerts).toMatchObject([{ kind: 'target_status', target: 'redis', state: 'open' }]);
  expect(JSON.parse(await beat.promise)).toMatchObject({
    type: 'heartbeat',
    data: { instance: 'one', everyMs: 60_000 },
  });
  await alerting.close();
  server.close();
  server.closeAllConnections();
});
