import { expect, test } from 'vitest';
import { createHub } from '../../src/runtime/hub.ts';
import type { LogFields } from '../../src/runtime/log.ts';
import type { CallNotice } from '../../src/runtime/notices.ts';
import { Secret } from '../../src/secret.ts';
import { openTraces } from '../../src/wiring/traces.ts';
import { expectNoUnhandledRejections } from '../support/unhandled.ts';

expectNoUnhandledRejections();

class Unreadable extends Secret {
  override reveal(): string {
    throw new Error('no such secret');
  }
}

test('R10.5 a client of the collector that cannot be made is told, and harms nothing', async () => {
  const told: LogFields[] = [];
  const traces = openTraces({
    config: { traces: { endpoint: 'http://127.0.0.1:1', service: 'voicechart' } },
    secrets: { traceHeaders: new Map([['x-key', new Unreadable('x')]]) },
    notices: createHub<CallNotice>(() => undefined),
    log: { error: (fields) => void told.push(fields) },
  });
  await traces.close();
  expect(told).toEqual([{ code: 'traces.none', error: 'Error: no such secret' }]);
});
