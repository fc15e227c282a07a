import type { LogDraft } from '../../src/runtime/call-log.ts';
import type { CallEvent, CallFact, CallRecord } from '../../src/runtime/call-store.ts';

const callerOf = (sid: string) => ({ identity: 'sip_+15550123', sid, kind: 'sip', callerKey: 'SCL_abc' }) as const;

export const joined = (sid = 'PA_1', room = 'voice-ai-call-1'): CallFact => ({
  type: 'door.caller_joined',
  room,
  caller: callerOf(sid),
});

export const eventOf = (id: string, fact: CallFact = joined(), callKey = 'call-1'): CallEvent => ({
  id,
  callKey,
  at: 1,
  fact,
});

export const recordOf = (epoch: number, seq: number, changes: Partial<CallRecord> = {}): CallRecord => ({
  callKey: 'call-1',
  machine: 'call',
  version: '1',
  seq,
  epoch,
  livekitHost: 'ws://127.0.0.1:7880',
  room: 'voice-ai-call-1',
  savedAt: 5,
  value: { live: { line: 'joined' } },
  context: { turn: seq, lines: ['Ä', '日本', '\u0000', 'x'.repeat(50)] },
  timers: [{ id: 't', event: { type: 'xstate.after.cap.call.live' }, dueAt: 9, kind: 'wall' }],
  mailCursor: 0,
  ...changes,
});

export const started = (at = 10): LogDraft => ({
  at,
  kind: 'call',
  data: { what: 'started', room: 'voice-ai-call-1', agent: 'receptionist' },
  pii: { phone: '+15550123' },
});
export const stateEntry = (value: unknown, at = 11): LogDraft => ({
  at,
  kind: 'state',
  data: { machine: 'call', value },
});
export const turnEntry = (turn: number, at = 12): LogDraft => ({ at, kind: 'turn', data: { turn, modelMs: 250 } });
export const endedEntry = (at = 20): LogDraft => ({ at, kind: 'call', data: { what: 'ended', why: 'caller hung up' } });
export const lineEntry = (text: string): LogDraft => ({
  at: 13,
  kind: 'line',
  data: { turn: 1, who: 'agent', cut: true },
  pii: { text, unheard: 'lost' },
});
