import { describe, expect, test } from 'vitest';
import { builtInPhrases } from '../../../src/agent.ts';
import type { LogEntry } from '../../../src/runtime/call-log.ts';
import chaosAgent from '../../../tools/chaos/agent.ts';
import type { Lived } from '../../../tools/chaos/caller.ts';
import { judge, type Leftovers } from '../../../tools/chaos/judge.ts';
import { booking, questions } from '../../../tools/chaos/questions.ts';
import { damagedWords, toldOf } from '../../../tools/lib/told.ts';

const answer = ['one', 'two', 'three', 'four', 'five'];

describe('an answer as it was heard', () => {
  test('whole, with what is not its own between', () => {
    const heard = ['moment', 'one', 'two', 'still', 'three', 'four', 'five'];
    expect(toldOf(answer, heard)).toEqual({ repeated: 0, missing: [], isWhole: true });
  });

  test('words that are heard again are counted', () => {
    const heard = ['one', 'two', 'three', 'two', 'three', 'four', 'five'];
    expect(toldOf(answer, heard)).toEqual({ repeated: 2, missing: [], isWhole: true });
  });

  test('words between two that were heard are lost, those after the last one are not heard yet', () => {
    expect(toldOf(answer, ['one', 'four'])).toEqual({ repeated: 0, missing: ['two', 'three'], isWhole: false });
    expect(toldOf(answer, [])).toEqual({ repeated: 0, missing: [], isWhole: false });
  });

  test('a word is damaged when the voice spoke it before one of the same turn that was heard; behind the last one it was cut', () => {
    const words = answer.map((text, number) => ({ number, text }));
    const heard = [{ number: 0 }, { number: 2 }];
    expect([...damagedWords(new Map([[1, words]]), heard)]).toEqual(['two']);
    expect([...damagedWords(new Map([[1, words]]), [])]).toEqual([]);
  });

  test('no word comes twice in what callers are told, and none is one that the agent says anyway', () => {
    const { disclosure, greeting } = chaosAgent;
    const said = [...Object.values(builtInPhrases['en']!), disclosure, greeting].join(' ').split(' ');
    for (const { answer: text } of [...questions, booking]) {
      const words = text.split(' ');
      expect(new Set(words).size, text).toBe(words.length);
      expect(
        words.filter((word) => said.includes(word)),
        text,
      ).toEqual([]);
    }
  });
});

const lived: Lived = {
  callKey: 'room~1',
  room: 'room',
  joinedAt: 0,
  greetedAt: 500,
  asked: [{ question: booking, saidAt: [1000], told: { repeated: 0, missing: [], isWhole: true }, longestGapMs: 10 }],
  isCutShort: false,
  reconnects: 0,
  heard: '',
  twoVoicesMs: 300,
  ended: 'hung_up',
  endedAt: 9000,
};

const milestones = (...all: readonly object[]): LogEntry[] =>
  all.map((data, index) => ({ seq: index + 1, at: index, kind: 'call', data }) as LogEntry);
const entries = milestones({ what: 'started' }, { what: 'restored', epoch: 2 }, { what: 'ended', why: 'x' });
const nothingLeft: Leftovers = {
  openCalls: [],
  agentsInRooms: [],
  keysInRedis: [],
  believed: 0,
  revokedAccepted: [],
  bookings: ['a', 'b'],
  longestQueue: 1,
  queueBound: 9,
};

const rulesBroken = (changes: Partial<Lived>, log = entries, left = nothingLeft): readonly string[] =>
  judge([{ lived: { ...lived, ...changes }, entries: log }], left).map(({ rule }) => rule);
const told = (changes: Partial<Lived['asked'][number]['told']>) => ({
  asked: [{ ...lived.asked[0]!, told: { repeated: 0, missing: [], isWhole: true, ...changes } }],
});

describe('the rules of a call that outlives its process', () => {
  test('a call that changed hands once and said two words again keeps them', () => {
    expect(rulesBroken(told({ repeated: 2 }))).toEqual([]);
  });

  test('who hangs up on a whim has no right to the last answer, and to the others', () => {
    const cut = { ...told({ isWhole: false }), isCutShort: true };
    expect(rulesBroken(cut)).toEqual([]);
    expect(rulesBroken({ ...cut, asked: [...cut.asked, ...cut.asked] })).toEqual(['every question is answered']);
  });

  test('a call of which three owners died may be ended with an apology, and no other', () => {
    const restored = [2, 3, 4].map((epoch) => ({ what: 'restored', epoch }));
    const sorry = { ...told({ isWhole: false }), ended: 'ROOM_DELETED' };
    const end = { what: 'ended', why: 'crashed too often' };
    expect(rulesBroken(sorry, milestones({ what: 'started' }, ...restored, end))).toEqual([]);
    expect(rulesBroken(sorry, milestones({ what: 'started' }, ...restored.slice(2), end))).toEqual([
      'no call is dropped',
      'every question is answered',
    ]);
  });

  test('a line that fails damages two words more', () => {
    const damaged = told({ missing: ['a', 'b', 'c'] });
    expect(rulesBroken({ ...damaged, reconnects: 1 })).toEqual([]);
    expect(rulesBroken(damaged)).toEqual(['every question is answered']);
  });

  test.each([
    ['every caller is answered', rulesBroken({ ...lived, greetedAt: undefined } as never)],
    ['no call is dropped', rulesBroken({ ended: 'ROOM_DELETED' })],
    ['every question is answered', rulesBroken(told({ isWhole: false }))],
    ['every question is answered', rulesBroken(told({ missing: ['a', 'b'] }))],
    ['no word is said again but two for each change of hands', rulesBroken(told({ repeated: 3 }))],
    [
      'epochs grow',
      rulesBroken(
        {},
        milestones(
          { what: 'started' },
          { what: 'restored', epoch: 3 },
          { what: 'restored', epoch: 3 },
          { what: 'ended' },
        ),
      ),
    ],
    [
      'a call begins once and ends once',
      rulesBroken({}, milestones({ what: 'started' }, { what: 'started' }, { what: 'ended' })),
    ],
    ['a call begins once and ends once', rulesBroken({}, [])],
    [
      'the log has no gaps',
      rulesBroken(
        {},
        entries.map((entry) => ({ ...entry, seq: entry.seq + 1 })),
      ),
    ],
    ['what has ended holds nothing', rulesBroken({}, entries, { ...nothingLeft, openCalls: ['room~1'] })],
    ['what has ended holds nothing', rulesBroken({}, entries, { ...nothingLeft, agentsInRooms: ['agent-1'] })],
    [
      'what has ended holds nothing',
      rulesBroken({}, entries, { ...nothingLeft, keysInRedis: ['voicechart:mail:room~1'] }),
    ],
    ['one agent has a voice', rulesBroken({ twoVoicesMs: 3_000 })],
    ['a revoked token is never good again', rulesBroken({}, entries, { ...nothingLeft, revokedAccepted: ['5nU'] })],
    ['nothing forged is believed', rulesBroken({}, entries, { ...nothingLeft, believed: 1 })],
    ['nothing is done twice', rulesBroken({}, entries, { ...nothingLeft, bookings: ['a', 'a'] })],
    ['what was done is in the log', rulesBroken({}, entries, { ...nothingLeft, bookings: ['room~1:1:book:{}'] })],
    ['queues keep to their bounds', rulesBroken({}, entries, { ...nothingLeft, longestQueue: 10 })],
  ])('%s', (rule, broken) => {
    expect(broken).toEqual([rule]);
  });
});
