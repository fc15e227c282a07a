import { expect, test } from 'vitest';
import { openTestInstance } from '../support/call-instance.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime } from '../support/call-real-time.ts';
import { openExchange, openOutboundWorld, outboundSettings } from '../support/outbound-call.ts';

const to = '+4930123456';

test('R3.4 a telephone that rings while its process goes is answered by the next one, and was called once', () =>
  inRealTime(async () => {
    const exchange = await openExchange({ callees: { [to]: { does: 'ring' } } });
    const { world, call } = await openOutboundWorld(exchange);
    const { id } = await call({ agent: 'tester', to, ringMs: 60_000 }, 'a-call-of-two-processes');
    const callee = await exchange.telephones.called(to);
    await eventually(
      () => callee.status,
      (status) => status === 'ringing',
    );
    await world.instance.close();

    const env = { ...world.emulators.env, ...outboundSettings };
    const next = await openTestInstance({ livekit: exchange.livekit, env, dataDir: world.dataDir });
    await eventually(
      () => JSON.stringify(next.instance.calls.running()[0]?.value()),
      (value) => value?.includes('"dialing":"adopted"') ?? false,
    );
    await callee.answer();
    await callee.phone.when('heard.word', ({ text }) => text === 'help?');
    expect(await next.instance.calls.get(id)).toMatchObject({ outcome: { result: 'answered' } });
    expect(exchange.telephones.timesCalled()).toBe(1);
    await callee.hangUp();
    await expect.poll(() => next.instance.calls.running().length).toBe(0);
    await next.close();
    await world.close();
    await exchange.close();
  }));
