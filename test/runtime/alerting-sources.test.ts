import { beforeEach, describe, expect, it } from 'vitest';
import { calmPosture } from '../../src/posture.ts';
import { followSources, lostCall } from '../../src/runtime/alerting-sources.ts';
import type { Alert, Alerts } from '../../src/runtime/alerts.ts';
import type { LogDraft } from '../../src/runtime/call-log.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { CallNotice, StatusChange } from '../../src/runtime/notices.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';

const threw = (error: unknown) => {
  throw error;
};
const failure = { vendor: 'deepgram', phase: 'rest', class: 'auth', retryable: false, message: 'no such key' } as const;

let told: string[];
let raised: Alert[];
const alerts: Alerts = {
  raise(alert) {
    raised.push(alert);
    told.push(`${alert.severity} ${alert.kind} ${alert.target}`);
  },
  resolve: ({ kind, target }) => void told.push(`over ${kind} ${target}`),
};
const statuses = createHub<StatusChange>(threw);
const notices = createHub<CallNotice>(threw);

const ended = (why: string): LogDraft => ({ at: 0, kind: 'call', data: { what: 'ended', why } });

beforeEach(() => {
  told = [];
  raised = [];
});

describe('what is told by itself', () => {
  it('D5.4 R10.5 each change of a target’s status, with what failed, and that it is healthy again', () => {
    const end = followSources(alerts, { statuses, notices, posture: createPostureBoard(threw) });
    statuses.tell({ target: 'deepgram', status: 'degraded', at: 0 });
    statuses.tell({ target: 'deepgram', status: 'unhealthy', failure, at: 0 });
    statuses.tell({ target: 'deepgram', status: 'healthy', at: 0 });
    end();
    statuses.tell({ target: 'deepgram', status: 'degraded', at: 0 });
    expect(told).toEqual([
      'warning target_status deepgram',
      'critical target_status deepgram',
      'over target_status deepgram',
    ]);
    expect(raised[1]).toMatchObject({ summary: 'deepgram is unhealthy: no such key', facts: { class: 'auth' } });
  });

  it('R10.4 a call that crashed, and no other end of a call; one that could not be run', () => {
    const end = followSources(alerts, { statuses, notices, posture: createPostureBoard(threw) });
    const call = { callKey: 'room~SCL_1', room: 'room', epoch: 1, agent: 'receptionist' };
    notices.tell({ call, draft: ended('caller hung up') });
    notices.tell({ call, draft: ended('crashed') });
    alerts.raise(lostCall('room~SCL_2'));
    end();
    expect(told).toEqual(['critical call_crashed receptionist', 'critical call_lost instance']);
    expect(raised[0]!.facts).toEqual({ callKey: 'room~SCL_1' });
  });

  it('D8.8 what recovery decided, for as long as it stands', () => {
    const posture = createPostureBoard(threw);
    const end = followSources(alerts, { statuses, notices, posture });
    posture.take({ ...calmPosture, version: 1, livekitHost: 'fallback' });
    posture.take({ ...calmPosture, version: 2, mode: 'degraded', limited: ['recording', 'egress'] });
    posture.take({ ...calmPosture, version: 3, mode: 'failsafe' });
    posture.take({ ...calmPosture, version: 4 });
    end();
    expect(told).toEqual([
      'warning posture instance',
      'warning posture instance',
      'critical posture instance',
      'over posture instance',
    ]);
    expect(raised[1]).toMatchObject({ facts: { mode: 'degraded', limited: 'recording,egress' } });
  });
});
