import { expect, onTestFinished, test } from 'vitest';
import { joinNoting, type LineWorld, type OpenWorld, type PhoneOptions } from './line-world.ts';

const sipCaller: PhoneOptions = {
  identity: 'sip_+15550199',
  callId: 'SCL_one',
  phone: '+15550199',
  trunkPhone: '+15550100',
};

/** What every Room must do. `open` makes a fresh room with nobody in it. */
export function roomContract(open: OpenWorld): void {
  const opened = async (options?: { readonly callerKey?: string }): Promise<LineWorld> => {
    const world = await open(options);
    onTestFinished(() => world.end());
    return world;
  };

  test('D3.4 reports that it joined, once, before anything about a caller', async () => {
    const world = await opened();
    await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    expect(types()).toEqual(['line.joined', 'caller.joined']);
  });

  test('D3.3 a SIP leg found in the room is the caller, with its numbers, and is answered once it is active', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    const { facts, types, reported } = joinNoting(world);
    await reported('caller.joined');
    const joinedFact = facts.find((fact) => fact.type === 'caller.joined');
    expect(joinedFact?.caller).toEqual({
      identity: sipCaller.identity,
      sid: expect.stringMatching(/^PA_/),
      kind: 'sip',
      callerKey: 'SCL_one',
      phone: '+15550199',
      trunkPhone: '+15550100',
    });
    expect(types()).not.toContain('caller.answered');
    await phone.answer();
    await reported('caller.answered');
  });

  test('a leg that is active already when the agent comes is answered at once', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    await phone.answer();
    const { types, reported } = joinNoting(world);
    await reported('caller.answered');
    expect(types()).toEqual(['line.joined', 'caller.joined', 'caller.answered']);
  });

  test('a participant whose token says role caller may come after the agent and needs no answer', async () => {
    const world = await opened();
    const { facts, types, reported } = joinNoting(world);
    await reported('line.joined');
    await world.call({ identity: 'web-7' });
    await reported('caller.answered');
    expect(types()).toEqual(['line.joined', 'caller.joined', 'caller.answered']);
    expect(facts[1]).toMatchObject({ caller: { identity: 'web-7', kind: 'standard', callerKey: 'web-7' } });
  });

  test('D4.3 a caller who hangs up is reported as such and as gone', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    await phone.hangUp();
    await reported('caller.left');
    expect(types()).toEqual(['line.joined', 'caller.joined', 'caller.hung_up', 'caller.left']);
  });

  test('R9.3 a caller who reconnects gets a new SID and is bound again by the same key', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    await phone.answer();
    const { facts, reported } = joinNoting(world);
    await reported('caller.answered');
    await phone.rejoin();
    await reported('caller.joined', 2);
    await reported('caller.answered', 2);
    const sids = facts.flatMap((fact) => (fact.type === 'caller.joined' ? [fact.caller.sid] : []));
    expect(new Set(sids).size).toBe(2);
    const lefts = facts.flatMap((fact) => (fact.type === 'caller.left' ? [fact.sid] : []));
    expect(lefts.every((sid) => sid === sids[0])).toBe(true);
  });

  test('a second SIP leg that nobody invited is put out, and nothing is reported', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    const intruder = await world.call({ ...sipCaller, identity: 'sip_+15550666', callId: 'SCL_two' });
    await world.until(() => !intruder.isPresent(), 'the intruder put out');
    await intruder.leave();
    expect(phone.isPresent()).toBe(true);
    expect(types()).toEqual(['line.joined', 'caller.joined']);
  });

  test('a second caller by token is neither bound nor put out', async () => {
    const world = await opened();
    await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    const other = await world.call({ identity: 'web-8' });
    await other.digit('1');
    await world.pass(300);
    expect(types()).toEqual(['line.joined', 'caller.joined']);
    expect(other.isPresent()).toBe(true);
  });

  test('a line for one caller binds no other, whoever comes first', async () => {
    const world = await opened({ callerKey: 'SCL_two' });
    const first = await world.call(sipCaller);
    const { facts, reported } = joinNoting(world);
    await world.until(() => !first.isPresent(), 'the uninvited leg put out');
    await world.call({ ...sipCaller, identity: 'sip_+15550222', callId: 'SCL_two' });
    await reported('caller.joined');
    expect(facts.filter((fact) => fact.type === 'caller.joined')).toMatchObject([{ caller: { callerKey: 'SCL_two' } }]);
  });

  test('digits go both ways, in order', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    await phone.answer();
    const { facts, reported } = joinNoting(world);
    await reported('caller.answered');
    await phone.digit('4');
    await phone.digit('#');
    await reported('caller.digit', 2);
    expect(facts.flatMap((fact) => (fact.type === 'caller.digit' ? [fact.digit] : []))).toEqual(['4', '#']);
    await world.until(() => phone.heard().length > 0, 'a way to the phone');
    expect(await world.room.sendDigits('1*0')).toBeUndefined();
    await world.until(() => phone.digitsHeard().length >= 3, 'three digits at the phone');
    expect(phone.digitsHeard()).toBe('1*0');
  });

  test('digits that are no keys are refused whole, naming the first', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    const { reported } = joinNoting(world);
    await reported('caller.joined');
    const failure = await world.room.sendDigits('12x');
    expect(failure).toMatchObject({ class: 'api', retryable: false, message: expect.stringContaining('"x"') });
    expect(phone.digitsHeard()).toBe('');
  });

  test('digits before a join are a failure, not an error', async () => {
    const world = await opened();
    expect(await world.room.sendDigits('1')).toMatchObject({ class: 'network' });
  });

  test('hanging up ends the call for the caller; twice is no harm', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    await phone.answer();
    const { types, reported } = joinNoting(world);
    await reported('caller.answered');
    expect(await world.room.hangUp()).toBeUndefined();
    await world.until(() => !phone.isPresent(), 'the phone put out');
    await reported('line.closed');
    expect(await world.room.hangUp()).toBeUndefined();
    expect(types().at(-1)).toBe('line.closed');
  });

  test('an agent that is removed is fenced; nothing follows', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    await world.fence();
    await reported('line.fenced');
    await phone.leave();
    await world.pass(200);
    expect(types().at(-1)).toBe('line.fenced');
  });

  test('a room deleted under the agent is closed; nothing follows', async () => {
    const world = await opened();
    await world.call(sipCaller);
    const { types, reported } = joinNoting(world);
    await reported('caller.joined');
    await world.closeRoom();
    await reported('line.closed');
    await world.pass(200);
    expect(types().at(-1)).toBe('line.closed');
  });

  test('after the signal nothing is reported, and the same line can join again', async () => {
    const world = await opened();
    const phone = await world.call(sipCaller);
    await phone.answer();
    const first = joinNoting(world);
    await first.reported('caller.answered');
    first.leave();
    const before = first.types().length;
    await phone.digit('5');
    const second = joinNoting(world);
    await second.reported('caller.answered');
    expect(second.types()).toEqual(['line.joined', 'caller.joined', 'caller.answered']);
    expect(first.types().length).toBe(before);
  });

  test('a join that is given up while connecting reports nothing at all', async () => {
    const world = await opened();
    await world.call(sipCaller);
    const { types, leave } = joinNoting(world);
    leave();
    await world.pass(400);
    expect(types()).toEqual([]);
  });
}
