import { describe, expect, it } from 'vitest';
import type { AlertNews } from '../../src/runtime/alerting.ts';
import { createHub } from '../../src/runtime/hub.ts';
import type { LineLook } from '../../src/runtime/line-look.ts';
import { seriesBound } from '../../src/runtime/metrics/catalogue.ts';
import type { CallNotice, Sighting, StatusChange } from '../../src/runtime/notices.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';
import { openMetrics } from '../../src/wiring/metrics.ts';
import { samplesOf } from '../support/metrics-page.ts';
import * as fc from '../support/properties.ts';

/** What must never be seen, in every place that somebody else fills. */
const canary = '+15550100777';
const odd = fc.oneof(
  fc.constantFrom<unknown>(canary, `room-${canary}`, '', '"} x{y="', 'sip_x\n', -1, 1e12, Number.NaN, null, undefined),
  fc.string(),
  fc.anything({ maxDepth: 1 }),
);
/** Figures are our own: whatever they are, they are numbers. */
const figure = fc.oneof(fc.double(), fc.integer(), fc.constant(undefined));
const type = fc.constantFrom(
  'caller.voice_started',
  'caller.voice_stopped',
  'caller.answered',
  'playback.started',
  'line.joined',
  'line.failed',
  `line.${canary}`,
  'model.requested',
  'voice.requested',
  'model.failed',
  'tool.finished',
  canary,
);
const active = fc.array(fc.constantFrom('call.live.bargeIn.ducked', 'call.live.replying.speaking', `x.${canary}`));
const field = fc.dictionary(
  fc.constantFrom(
    'at',
    'onsetMs',
    'levelDb',
    'quietMs',
    'echo',
    'vendor',
    'failure',
    'ok',
    'modelMs',
    'replyMs',
    canary,
  ),
  odd,
);
const at = fc.integer({ min: 0, max: 1e9 });
const draft = fc.oneof(
  fc.record({
    at,
    kind: fc.constant('event'),
    data: fc.tuple(field, type).map(([rest, type]) => ({ ...rest, to: canary, type })),
  }),
  fc.record({
    at,
    kind: fc.constant('state'),
    data: fc.record({ machine: fc.constantFrom('call', 'reply', canary), active }),
  }),
  fc.record({ at, kind: fc.constant('turn'), data: field }),
  fc.record({
    at,
    kind: fc.constant('call'),
    data: fc.constantFrom({ what: 'started' }, { what: 'ended', why: canary }, { what: 'ended', why: 'busy' }),
  }),
);
const notice = fc
  .tuple(fc.constantFrom('a', 'b', canary), draft)
  .map(([callKey, draft]) => ({ call: { callKey, room: canary }, draft }));
const sighting = fc.record({ target: odd, by: fc.constantFrom('use', 'probe'), operation: odd, tookMs: figure });
const look = fc.record({
  callKey: fc.constantFrom('a', canary),
  sinceMs: figure,
  quality: fc.record({ agent: odd, caller: odd }),
  incoming: fc.record({ lossRatio: figure, jitterMs: figure }),
  agentDb: figure,
});

describe('the figures of an instance', () => {
  it('D5.3 whatever calls and vendors tell, there are never more than 5,000 series, and nothing of it is shown', async () => {
    const errors: unknown[] = [];
    const threw = (error: unknown) => errors.push(error);
    const hubs = {
      notices: createHub<CallNotice>(threw),
      sightings: createHub<Sighting>(threw),
      statuses: createHub<StatusChange>(threw),
      looks: createHub<LineLook>(threw),
    };
    const news = createHub<AlertNews>(threw);
    const metrics = openMetrics({
      ...hubs,
      posture: createPostureBoard(threw),
      alerts: { news, open: () => [] },
      threw,
    });
    fc.assert(
      fc.property(notice, sighting, look, odd, (notice, sighting, look, word) => {
        hubs.notices.tell(notice as never);
        hubs.sightings.tell(sighting as never);
        hubs.looks.tell(look as never);
        hubs.statuses.tell({ target: word, status: word } as never);
        news.tell({ kind: word, change: word } as never);
      }),
      { numRuns: 2_000 },
    );
    const page = await metrics.text();
    metrics.close();
    expect(errors).toEqual([]);
    expect(samplesOf(page).length).toBeLessThanOrEqual(seriesBound);
    expect(page).not.toContain(canary);
    expect(page).not.toMatch(/NaN|undefined|null|\[object/);
  });
});
