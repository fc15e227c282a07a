import { describe, expect, it } from 'vitest';
import { eventName } from '../../console/src/model/event-name.ts';
import { clockTime, leftTime, phoneNumber, shortTime } from '../../console/src/model/format.ts';
import { callHref, phoneOf, readRoute } from '../../console/src/model/route.ts';

describe('words of the console', () => {
  it('times', () => {
    expect([0, 59_999, 134_000, 3_734_000].map(clockTime)).toEqual(['00:00', '00:59', '02:14', '1:02:14']);
    expect([-5, 840, 12_300, 250_000].map(leftTime)).toEqual(['due', '0.8 s', '13 s', '04:10']);
    expect([14.4, 1_008].map(shortTime)).toEqual(['14 ms', '1.01 s']);
  });

  it('telephone numbers are grouped where the grouping is known', () => {
    expect(phoneNumber('+15550199')).toBe('+1 555 0199');
    expect(phoneNumber('+12025550143')).toBe('+1 202 555 0143');
    expect(phoneNumber('+4930901820')).toBe('+4930901820');
    expect(phoneNumber(undefined)).toBe('unknown caller');
  });

  it('events that XState sends itself', () => {
    expect(eventName('xstate.after.lastWord.call.live')).toBe('after lastWord');
    expect(eventName('xstate.done.actor.hangUp')).toBe('done hangUp');
    expect(eventName('caller.said')).toBe('caller.said');
  });
});

describe('addresses of the console', () => {
  it.each(['voice-ai-call-_+15550199_27fc~SCL_1', 'ä/%?# x'])('lead to the call %s', (key) => {
    expect(readRoute(callHref(key))).toEqual({ callKey: key });
  });

  it.each(['', '#/', '#/calls/', '#/calls/%E0%A4%A'])('%s is the list', (hash) => {
    expect(readRoute(hash)).toEqual({});
  });

  it('the phone of the demo must be a program of this machine', () => {
    expect(phoneOf('?phone=http%3A%2F%2F127.0.0.1%3A4711')).toBe('http://127.0.0.1:4711/');
    for (const other of ['http://127.0.0.1.evil.example', 'https://evil.example', 'javascript:alert(1)', 'x'])
      expect(phoneOf(`?phone=${encodeURIComponent(other)}`)).toBeUndefined();
    expect(phoneOf('')).toBeUndefined();
  });
});
