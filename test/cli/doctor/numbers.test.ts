import { describe, expect, it } from 'vitest';
import { numberFindings } from '../../../src/cli/doctor/sip-rules.ts';
import type { DispatchRule, Held, InboundTrunk } from '../../../src/sip.ts';

const world = { file: 'sip.yaml', env: {}, roomPrefix: 'voice-ai-call', agents: ['receptionist'] };

const trunk = (numbers: readonly string[], id = 'ST_1'): Held<InboundTrunk> => ({
  kind: 'inbound',
  id,
  name: 'door',
  numbers,
  allowedAddresses: ['203.0.113.7'],
  allowedNumbers: [],
  headersToAttributes: {},
  metadata: '',
});

const rule = (parts: Partial<DispatchRule> = {}): Held<DispatchRule> => ({
  kind: 'rule',
  id: 'SDR_1',
  name: 'dispatch',
  trunks: ['ST_1'],
  numbers: [],
  room: { type: 'individual', prefix: 'voice-ai-call' },
  hideNumber: false,
  attributes: { 'voicechart.agent': 'receptionist' },
  metadata: '',
  ...parts,
});

const said = (held: Parameters<typeof numberFindings>[0]) => numberFindings(held, world).map(({ saw }) => saw);

describe('telephone numbers, by doctor', () => {
  it.each([
    ['of its trunk', [trunk(['+49301']), rule()]],
    ['of every trunk', [trunk(['+49301']), rule({ trunks: [] })]],
    ['of this number, written otherwise', [trunk(['+49301']), rule({ numbers: ['49 30-1'] })]],
  ])('a number with a rule %s is well', (_, held) => {
    expect(said(held)).toEqual([]);
  });

  it.each([
    ['there is none', [trunk(['+49301'])]],
    ['it is for another trunk', [trunk(['+49301']), rule({ trunks: ['ST_2'] })]],
    ['it is for another number', [trunk(['+49301']), rule({ numbers: ['+49302'] })]],
  ])('R7.2 a number without a dispatch rule is named: %s', (_, held) => {
    expect(said(held)).toEqual(['+49301 has no dispatch rule: callers hear nothing']);
    expect(numberFindings(held, world)[0]?.mend).toMatch(/^voicechart sip apply/);
  });

  it('each number for itself, and a trunk of all numbers by its name', () => {
    expect(said([trunk(['+49301', '+49302']), rule({ numbers: ['+49302'] }), trunk([], 'ST_2')])).toEqual([
      '+49301 has no dispatch rule: callers hear nothing',
      'trunk door has no dispatch rule: callers hear nothing',
    ]);
  });

  it('a rule into rooms that nobody answers, or to an agent that there is not', () => {
    expect(
      said([rule({ room: { type: 'direct', name: 'hall' }, attributes: { 'voicechart.agent': 'ghost' } })]),
    ).toEqual([
      'rule dispatch makes rooms that begin with "hall", and ROOM_PREFIX is voice-ai-call: nobody answers',
      'rule dispatch names the agent ghost; there are receptionist, and the first answers',
    ]);
  });
});
