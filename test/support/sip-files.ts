import * as fc from './properties.ts';
import { Secret } from '../../src/secret.ts';
import type { DispatchRule, InboundTrunk, OutboundTrunk, SipThing } from '../../src/sip.ts';

export const inbound = (name: string, fields: Partial<InboundTrunk> = {}): InboundTrunk => ({
  kind: 'inbound',
  name,
  numbers: [],
  allowedAddresses: ['203.0.113.0/24'],
  allowedNumbers: [],
  headersToAttributes: {},
  metadata: '',
  ...fields,
});

export const rule = (name: string, trunks: readonly string[], fields: Partial<DispatchRule> = {}): DispatchRule => ({
  kind: 'rule',
  name,
  trunks,
  numbers: [],
  room: { type: 'individual', prefix: 'voice-ai-call' },
  hideNumber: false,
  attributes: { 'voicechart.agent': 'receptionist' },
  metadata: '',
  ...fields,
});

export const outbound = (name: string, fields: Partial<OutboundTrunk> = {}): OutboundTrunk => ({
  kind: 'outbound',
  name,
  address: 'sip.provider.example',
  numbers: ['+4930111'],
  transport: 'auto',
  country: '',
  metadata: '',
  ...fields,
});

const slots = [0, 1, 2, 3] as const;
const numberOf = (index: number) => `+4930${index}`;
const trunkName = (slot: number) => `trunk-${slot}`;
const slot = fc.constantFrom(...slots);
const maybe = fc.option(slot, { nil: undefined });
const four = <T>(each: fc.Arbitrary<T>) => fc.array(each, { minLength: 4, maxLength: 4 });

/**
 * The things of any file that could be read: numbers given to trunks, trunks and numbers to rules, everything with names
 * that the next file is likely to use for something else.
 */
export const sipFile: fc.Arbitrary<readonly SipThing[]> = fc
  .record({
    trunkOfNumber: four(maybe),
    openTrunk: maybe,
    variant: four(fc.integer({ min: 0, max: 2 })),
    ruleOfTrunk: four(maybe),
    ruleOfNumber: four(maybe),
    byNumber: four(fc.boolean()),
    out: fc.array(slot, { maxLength: 2 }),
  })
  .map(({ trunkOfNumber, openTrunk, variant, ruleOfTrunk, ruleOfNumber, byNumber, out }) => {
    const numbersOf = (trunk: number) => slots.filter((n) => trunkOfNumber[n] === trunk).map(numberOf);
    const trunks = slots
      .filter((trunk) => numbersOf(trunk).length > 0 || trunk === openTrunk)
      .map((trunk) => inbound(trunkName(trunk), { numbers: numbersOf(trunk), ...doors[variant[trunk]!] }));
    const has = (trunk: number | undefined) => trunks.some(({ name }) => name === `trunk-${trunk}`);
    const rules = slots.flatMap((each): DispatchRule[] => {
      const numbers = slots.filter((n) => ruleOfNumber[n] === each && has(trunkOfNumber[n]));
      const served = byNumber[each]
        ? numbers.map((n) => trunkOfNumber[n]!)
        : slots.filter((t) => ruleOfTrunk[t] === each && has(t));
      if (served.length === 0) return [];
      const names = [...new Set(served)].map(trunkName);
      const attributes = { 'voicechart.agent': `agent-${variant[each]}` };
      return [rule(`rule-${each}`, names, { attributes, numbers: byNumber[each] ? numbers.map(numberOf) : [] })];
    });
    const outs = [...new Set(out)].map((each) => outbound(`out-${each}`, { country: variant[each] ? 'DE' : '' }));
    return [...trunks, ...outs, ...rules];
  });

const doors: readonly Partial<InboundTrunk>[] = [
  { allowedAddresses: ['203.0.113.0/24'] },
  { allowedAddresses: [], auth: { username: 'one', password: new Secret('first password') } },
  { allowedAddresses: [], auth: { username: 'one', password: new Secret('second password') }, ringSeconds: 20 },
];
