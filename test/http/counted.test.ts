import { expect, test } from 'vitest';
import { counted } from '../../src/http/counted.ts';
import { openFigures } from '../support/metrics-fold.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

test('D9.3 requests of a door are counted by class of status and timed up to the head of their answer', async () => {
  const { metrics, figure } = openFigures();
  const clock = createVirtualClock();
  const door = {
    async fetch({ url }: Request) {
      await clock.advance(40);
      return new Response(null, { status: url.endsWith('/broken') ? 503 : 204 });
    },
  };
  const app = counted(door, { door: 'api', metrics, clock });
  expect((await app.fetch(new Request('http://door/'))).status).toBe(204);
  await app.fetch(new Request('http://door/broken'));
  expect(await figure('voicechart_http_requests_total', { door: 'api', status: '2xx' })).toBe(1);
  expect(await figure('voicechart_http_requests_total', { door: 'api', status: '5xx' })).toBe(1);
  expect(await figure('voicechart_http_request_seconds_sum', { door: 'api' })).toBe(0.08);
});
