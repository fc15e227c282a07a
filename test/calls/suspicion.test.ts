import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { openAccess } from '../../src/wiring/access.ts';
import { greeted } from '../support/call-ask.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { openCallWorld } from '../support/call-world.ts';

test('R8.5 R10.5 a number that calls too often hears busy and is told of; who talks goes on, others are answered, and it is answered again once it is cleared', () =>
  inRealTime(async () => {
    const world = await openCallWorld({ settings: { CALLS_PER_NUMBER: '1' } });
    const from = '+15557654321';
    const { text: key } = await openAccess(world.dataDir, systemClock).keys.create({ name: 'test', role: 'admin' });
    const headers = { authorization: `Bearer ${key}` };
    const ask = async (method: string, path: string): Promise<any> => {
      const answer = await fetch(`${world.doors.api.url}${path}`, { method, headers });
      return answer.status === 204 ? 204 : answer.json();
    };
    const first = await world.dial({ from });
    await greeted(first);
    const second = await world.dial({ from });
    expect(await second.phone.when('ended')).toMatchObject({ reason: 'PARTICIPANT_REMOVED', sip: 486 });
    expect(first.host()).toBeDefined();

    const { alerts } = await ask('GET', '/v1/alerts?state=open');
    expect(alerts).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'suspicious', target: 'call_burst', count: 1 })]),
    );
    expect(JSON.stringify(alerts)).not.toContain(from);
    await greeted(await world.dial());
    const { blocks } = await ask('GET', '/v1/security/blocks');
    expect(blocks).toMatchObject([{ kind: 'number', pii: { phone: from }, why: 'call_burst' }]);
    expect(await ask('DELETE', `/v1/security/blocks/${blocks[0].id}`)).toBe(204);
    await greeted(await world.dial({ from }));
    await world.close();
  }));
