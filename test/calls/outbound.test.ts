import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answered, ask, transcript } from '../support/call-ask.ts';
import { eventually } from '../support/call-eventually.ts';
import { inRealTime, wholeSuite } from '../support/call-real-time.ts';
import { isEnd } from '../support/call-story.ts';
import { webhooksOf } from '../support/hub.ts';
import { type Exchange, openExchange, openOutboundWorld, type OutboundWorld } from '../support/outbound-call.ts';

const desk = 'tel:+4930777';
const busy = '+4930000486';
const silent = '+4930000001';

const wasBusy = [busy, { result: 'busy', sipStatus: 486 }, 'busy'] as const;
const rangOut = [silent, { result: 'no_answer' }, 'no answer'] as const;

/** Over the real server; its telephones are emulated, and so is the gateway unless LIVEKIT_SIP_BIN names a real one. */
describe.concurrent('calls out', () => {
  let exchange: Exchange;
  let outbound: OutboundWorld;
  beforeAll(async () => {
    exchange = await openExchange({
      callees: { [busy]: { does: 'refuse', status: 486 }, [silent]: { does: 'ring' } },
      transfers: { [desk]: { does: 'fail', status: 486 } },
    });
    outbound = await openOutboundWorld(exchange, {
      agent: {
        people: { frontDesk: { to: desk, when: 'The caller asks for a person.' } },
        phrases: { en: { puttingThrough: 'Please wait.' } },
      },
      emulators: {
        openai: {
          rules: [
            { user: 'person', tools: [{ name: 'transfer_call', input: { to: 'frontDesk' } }] },
            { tool: 'transfer_call', text: 'The desk is busy.' },
            { user: 'number', text: 'Type it.', tools: [{ name: 'collect_digits', input: {} }] },
            { user: 'keys: 47', text: 'Found it.' },
            { user: 'menu', text: 'Wait.', tools: [{ name: 'send_digits', input: { digits: '12#' } }] },
          ],
        },
      },
    });
  });
  afterAll(async () => {
    await outbound?.world.close();
    await exchange?.close();
  });

  test('R3.4 somebody who answers hears the agent, talks to it, stays when nobody can be had, and is put through', () =>
    inRealTime(async () => {
      const { world, get, command } = outbound;
      const { telephones } = exchange;
      const to = '+4930123456';
      const call = await outbound.call({ agent: 'tester', to, input: { guest: 'Weber' } }, 'a-call-that-is-answered');
      const { phone } = await telephones.called(to);
      const talk = { ...call, phone };
      await phone.when('heard.word', ({ text }) => text === 'help?');
      await answered(talk, /help/);
      await phone.sayWords('a person');
      await phone.when('heard.word', ({ text }) => text === 'busy.');
      expect(JSON.stringify(world.emulators.openai.journal.entries())).toContain('Weber');
      await answered(talk, /desk/);
      telephones.change({ transfers: { [desk]: { does: 'accept' } } });
      expect(await command(call.id, { type: 'transfer', to: 'boss' })).toBe(422);
      expect(await command(call.id, { type: 'transfer', to: 'frontDesk' })).toBe(202);
      await call.until(isEnd);
      expect(call.story().ended).toBe('transferred');
      expect(await get(call.id)).toMatchObject({
        direction: 'out',
        outcome: { result: 'answered' },
        why: 'transferred',
        live: false,
      });
      const room = call.id.split('~')[0]!;
      // The leg came with a webhook, which began no second call.
      const joined = (await webhooksOf(room)).filter(({ body }) => body.event === 'participant_joined');
      expect(JSON.stringify(joined)).toContain('voicechart.leg');
      const list = await world.instance.calls.list({ limit: 100 });
      expect(list.filter((each) => each.room === room).map(({ callKey }) => callKey)).toEqual([call.id]);
      await eventually(
        () => world.api.listRooms([room]),
        (rooms) => rooms.length === 0,
      );
    }));

  test.runIf(wholeSuite)('R3.4 keys go both ways: of somebody whom we called, and of ours', () =>
    inRealTime(async () => {
      const to = '+4930123457';
      const call = await outbound.call({ agent: 'tester', to }, 'a-call-with-keys');
      const { phone } = await exchange.telephones.called(to);
      const talk = { ...call, phone };
      await phone.when('heard.word', ({ text }) => text === 'help?');
      await ask(talk, 'i have a number', /Type it/);
      await phone.sendDigits('47#');
      await answered(talk, /Found it/);
      const pressed = ['1', '2', '#'].map((key) => phone.when('digit.heard', ({ digit }) => digit === key));
      await ask(talk, 'the menu now', /Wait/);
      await Promise.all(pressed);
      expect(transcript(call)).toContain('caller: [keys: 47]');
      expect(await outbound.command(call.id, { type: 'hang_up' })).toBe(202);
      await call.until(isEnd);
    }),
  );

  test.each(wholeSuite ? [wasBusy, rangOut] : [wasBusy])(
    'R3.4 %s: %j ends the call, and leaves no room behind',
    (to, outcome, why) =>
      inRealTime(async () => {
        const call = await outbound.call({ agent: 'tester', to, ringMs: 5_000 }, `a-call-to-${to}`);
        await call.until(isEnd);
        expect(await outbound.get(call.id)).toMatchObject({ outcome, why, live: false, pii: { phone: to } });
        expect(exchange.telephones.timesCalled(to)).toBe(1);
        await eventually(
          () => outbound.world.api.listRooms([call.id.split('~')[0]!]),
          (rooms) => rooms.length === 0,
        );
      }),
  );
});
