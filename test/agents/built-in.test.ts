import { expect, test } from 'vitest';
import { builtInTools, isBuiltIn, parseBuiltIn } from '../../src/agent.ts';
import { transferTools } from '../../src/agent/built-in.ts';

test.each<[string, string, object]>([
  ['end_call', '', { name: 'end_call' }],
  ['end_call', '{"say":"Good night."}', { name: 'end_call', say: 'Good night.' }],
  ['send_digits', '{"digits":"12#A"}', { name: 'send_digits', digits: '12#A' }],
  ['collect_digits', '{}', { name: 'collect_digits', max: 20, terminator: '#' }],
  ['collect_digits', '{"max":4,"terminator":""}', { name: 'collect_digits', max: 4, terminator: '' }],
])('reads %s %s', (name, input, value) => {
  expect(parseBuiltIn({ name, input })).toEqual({ ok: true, value });
});

test.each([
  ['end_call', '{"say":5}', 'say: Invalid input: expected string, received number'],
  ['end_call', '{"why":"bye"}', 'input: Unrecognized key: "why"'],
  ['send_digits', '{"digits":"1 2"}', 'digits: 1 to 32 keys of 0-9, *, #, A-D'],
  ['send_digits', '{"digits":""}', 'digits: 1 to 32 keys of 0-9, *, #, A-D'],
  ['collect_digits', '{"max":0}', 'max: Too small: expected number to be >=1'],
  ['collect_digits', '{', 'input: this is not valid JSON'],
  ['collect_digits', 'null', 'input: Invalid input: expected object, received null'],
])('refuses %s %s in the shape of any failed tool', (name, input, message) => {
  const read = parseBuiltIn({ name, input });
  expect(read.ok ? read : JSON.parse(read.error)).toEqual({ error: { code: 'invalid_input', message } });
});

test('puts callers through to those who are configured, and to nobody else', () => {
  const people = ['frontDesk', 'night'];
  const read = (input: string, names = people) => parseBuiltIn({ name: 'transfer_call', input }, names);
  expect(read('{"to":"night"}')).toEqual({ ok: true, value: { name: 'transfer_call', to: 'night' } });
  expect(read('{"to":"+49301"}')).toEqual({
    ok: false,
    error: '{"error":{"code":"invalid_input","message":"to: one of frontDesk, night"}}',
  });
  expect(read('{"to":"night"}', [])).toMatchObject({ ok: false, error: expect.stringContaining('unknown_tool') });
  expect(transferTools({})).toEqual([]);
  expect(transferTools({ night: { when: 'after ten' } })).toMatchObject([
    { name: 'transfer_call', about: expect.stringContaining('night: after ten'), input: { type: 'object' } },
  ]);
});

test('knows its own names and no inherited ones', () => {
  expect(builtInTools.map(({ name }) => isBuiltIn(name))).toEqual([true, true, true]);
  expect(['room_price', 'constructor', '__proto__'].map(isBuiltIn)).toEqual([false, false, false]);
  expect(parseBuiltIn({ name: 'constructor', input: '' })).toEqual({
    ok: false,
    error: '{"error":{"code":"unknown_tool","message":"there is no tool constructor"}}',
  });
});

test('each has words and an object of fields for the model', () => {
  for (const { about, input } of builtInTools) {
    expect(about.length).toBeGreaterThan(10);
    expect(input).toMatchObject({ type: 'object', additionalProperties: false });
  }
});
