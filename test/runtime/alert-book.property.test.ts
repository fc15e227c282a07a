import { expect, it } from 'vitest';
import { createAlertBook, type Incident } from '../../src/runtime/alert-book.ts';
import * as fc from '../support/properties.ts';

const targets = ['a', 'b', 'c'] as const;
const step = fc.oneof(
  fc.record({ do: fc.constant('raise' as const), target: fc.constantFrom(...targets) }),
  fc.record({ do: fc.constant('resolve' as const), target: fc.constantFrom(...targets) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400_000 }) }),
  fc.record({ do: fc.constant('tell' as const) }),
);

it('D5.4 property: at most one message of a beginning in ten minutes, each end is told, and no raise goes uncounted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let now = 0;
      const book = createAlertBook({ clock: { now: () => now }, instance: 'one' });
      const messages: (Incident & { readonly at: number })[] = [];
      const raised = new Map<string, number>();
      const tell = () => {
        const due = book.due();
        book.told(due);
        messages.push(...due.map((each) => ({ ...each, at: now })));
      };
      for (const each of steps) {
        if (each.do === 'wait') now += each.ms;
        if (each.do === 'tell') tell();
        if (each.do === 'resolve') book.resolve({ kind: 'target_status', target: each.target });
        if (each.do === 'raise') {
          raised.set(each.target, (raised.get(each.target) ?? 0) + 1);
          book.raise({ kind: 'target_status', target: each.target, severity: 'warning', summary: 'x' });
        }
      }
      now += 600_000;
      tell();
      for (const target of targets) {
        const own = messages.filter((message) => message.target === target);
        const begun = own.filter(({ state }) => state === 'open').map(({ at }) => at);
        expect(begun.every((at, index) => index === 0 || at - begun[index - 1]! >= 600_000)).toBe(true);
        const last = new Map(own.map((message) => [message.id, message]));
        const counted = [...last.values()].reduce((sum, { count }) => sum + count, 0);
        expect(counted).toBe(raised.get(target) ?? 0);
        const isOpen = book.open().some((incident) => incident.target === target);
        if (own.length > 0) expect(own.at(-1)!.state).toBe(isOpen ? 'open' : 'resolved');
      }
    }),
  );
});
