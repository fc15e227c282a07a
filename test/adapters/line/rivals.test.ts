import { expect, test } from 'vitest';
import { agentIdentity, rejoiningAs, rivalOf } from '../../../src/adapters/line/rivals.ts';

const ours = agentIdentity('SCL_a-7', 3);

test.each([
  [agentIdentity('SCL_a-7', 4), 'newer'],
  [agentIdentity('SCL_a-7', 12), 'newer'],
  [agentIdentity('SCL_a-7', 2), 'older'],
  [agentIdentity('SCL_a-7', 3), undefined],
  [rejoiningAs(ours, 1), undefined],
  [rejoiningAs(ours, 2), 'newer'],
  [rejoiningAs(agentIdentity('SCL_a-7', 2), 5), 'older'],
  [agentIdentity('SCL_a', 4), undefined],
  ['agent-SCL_a-7', undefined],
  ['sip_+15550100-9', undefined],
  ['', undefined],
] as const)('to the third owner of a call, %s is %s', (other, expected) => {
  expect(rivalOf(ours, other)).toBe(expected);
});

test('an agent without an epoch has no rivals', () => {
  expect(rivalOf('agent', 'agent-2')).toBeUndefined();
});

test('what is left of our own earlier stay is to go', () => {
  expect(rivalOf(rejoiningAs(ours, 2), ours)).toBe('older');
});
