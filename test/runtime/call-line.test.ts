import { expect, test } from 'vitest';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import { logCalls } from '../../src/runtime/call-line.ts';
import type { LogFields } from '../../src/runtime/log.ts';

const call = { callKey: 'room~+15550123456', room: 'room', epoch: 2, agent: 'hotel' };
const event = (type: string, data: object = {}): LogDraft => ({
  at: 1,
  kind: 'event',
  data: { to: 'call', type, ...data },
});
const state = (...active: string[]): LogDraft => ({
  at: 1,
  kind: 'state',
  data: { machine: 'call', value: {}, active },
});
const turn = (replyMs: number): LogDraft => ({ at: 1, kind: 'turn', data: { turn: 1, replyMs } });

test('R7.4 one line tells of a call its outcome and its figures, when it is over', () => {
  const lines: LogFields[] = [];
  const see = logCalls({ info: (fields) => void lines.push(fields) });
  const silent = 'call.live.conversation.talking.replying.bargeIn.silent';
  const drafts: readonly LogDraft[] = [
    { at: 1000, kind: 'call', data: { what: 'started', room: 'room' } },
    ...[900, 700, 800].map(turn),
    event('model.failed'),
    event('line.reconnecting'),
    event('tool.finished', { ok: true }),
    event('tool.finished', { ok: false }),
    state(silent),
    state(silent),
    state('call.live.conversation.talking.listening.quiet'),
    state(silent),
  ];
  for (const draft of drafts) see({ call, draft });
  expect(lines).toEqual([]);
  see({ call, draft: { at: 61_000, kind: 'call', data: { what: 'ended', why: 'caller hung up' } } });
  expect(lines).toEqual([
    {
      code: 'call.ended',
      ...call,
      outcome: 'caller hung up',
      tookMs: 60_000,
      turns: 3,
      bargeIns: 2,
      tools: 2,
      toolsFailed: 1,
      vendorFailures: 1,
      reconnects: 1,
      replyP50Ms: 800,
      replyP95Ms: 900,
    },
  ]);
});

test('a call of which only the end was seen has a line too', () => {
  const lines: LogFields[] = [];
  const see = logCalls({ info: (fields) => void lines.push(fields) });
  see({ call, draft: { at: 5, kind: 'call', data: { what: 'ended', why: 'fenced' } } });
  expect(lines).toMatchObject([{ outcome: 'fenced', turns: 0 }]);
  expect(lines[0]).not.toHaveProperty('tookMs');
});
