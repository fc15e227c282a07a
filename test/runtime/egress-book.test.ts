import { describe, expect, it } from 'vitest';
import { egressRequest } from '../../src/egress.ts';
import { delaysMs } from '../../src/machines/deadlines.ts';
import type { RecorderFact } from '../../src/actors/record.ts';
import { ControlError } from '../../src/runtime/control-error.ts';
import type { EgressBook } from '../../src/runtime/egress-book.ts';
import { createEgressBed, type EgressBed } from '../support/egress-bed.ts';

const rtmp = 'rtmps://live.example.com/app/the-key';
const wanted = (more: object = {}) =>
  egressRequest.parse({ kind: 'room', room: 'streaming-room', layout: 'grid', outputs: [{ type: 'mp4' }], ...more });

async function opened() {
  const bed = createEgressBed();
  return { ...bed, book: await bed.open() };
}

/** What `start` comes to once time has passed. */
async function started(bed: EgressBed, book: EgressBook, request = wanted()) {
  const starting = book.start(request);
  starting.catch(() => undefined);
  await bed.clock.advance(1000);
  return starting;
}

const starts = ({ livekit }: EgressBed) => livekit.asked.filter((each) => each === 'start').length;

describe('an egress', () => {
  it('R4.1 D7.2 is begun with everything filled in, and stored before that', async () => {
    const { book, ...bed } = await opened();
    const view = await started(bed, book);
    expect(view).toMatchObject({ id: 'e1', egressId: 'EG_1', state: 'starting', askedAt: 1_000_000 });
    expect(bed.livekit.orders).toEqual([
      {
        source: { kind: 'room', room: 'streaming-room', layout: 'grid' },
        outputs: [{ type: 'mp4', path: 'e1.mp4', storage: 'local' }],
      },
    ]);
    expect(await bed.store.get('e1')).toMatchObject({ id: 'e1', over: false });
  });

  it('R4.1 D1.7 is followed by webhooks to its files, and is kept', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    const files = [{ name: 'e1.mp4', location: '/out/e1.mp4', sizeBytes: 7, durationMs: 1000 }];
    expect(await book.told(bed.livekit.becomes('EG_1', 'active', { startedAtMs: 5 })!)).toBe('stored');
    expect(await book.get('e1')).toMatchObject({ state: 'active', startedAt: 5 });
    expect(await book.told(bed.livekit.becomes('EG_1', 'complete', { endedAtMs: 9, files })!)).toBe('stored');
    expect(await book.get('e1')).toMatchObject({ state: 'complete', endedAt: 9, files });
    expect(await bed.store.get('e1')).toMatchObject({ over: true });
    expect(await book.list({ limit: 5 })).toMatchObject({ egresses: [{ id: 'e1', state: 'complete' }] });
  });

  it('R4.1 is followed by looking, when every webhook is lost', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    bed.livekit.becomes('EG_1', 'active');
    await bed.clock.advance(delaysMs.egressPolled);
    expect(await book.get('e1')).toMatchObject({ state: 'active' });
    bed.livekit.becomes('EG_1', 'failed', { error: 'no space left' });
    await bed.clock.advance(delaysMs.egressPolled);
    expect(await book.get('e1')).toMatchObject({ state: 'failed', why: 'no space left' });
    expect(bed.clock.pending()).toBe(0);
  });

  it('R4.1 does not go back when webhooks cross', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    const active = bed.livekit.becomes('EG_1', 'active')!;
    await book.told(bed.livekit.becomes('EG_1', 'ending')!);
    await book.told(active);
    expect(await book.get('e1')).toMatchObject({ state: 'ending' });
  });

  it('R4.1 is lost when LiveKit has not had it twice, and not when LiveKit cannot answer', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    bed.livekit.down(true);
    await bed.clock.advance(10 * delaysMs.egressPolled);
    expect(await book.get('e1')).toMatchObject({ state: 'starting' });
    bed.livekit.down(false);
    bed.livekit.becomes('EG_1', 'gone');
    await bed.clock.advance(delaysMs.egressPolled);
    expect(await book.get('e1')).toMatchObject({ state: 'starting' });
    await bed.clock.advance(delaysMs.egressPolled);
    expect(await book.get('e1')).toMatchObject({ state: 'lost' });
  });

  it('R4.1 is ended until LiveKit takes that', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    bed.livekit.down(true);
    await book.stop('e1');
    await bed.clock.advance(3 * delaysMs.egressStopAgain);
    bed.livekit.down(false);
    await bed.clock.advance(delaysMs.egressStopAgain);
    expect(await book.get('e1')).toMatchObject({ state: 'ending' });
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });
});

describe('an egress whose beginning is not known', () => {
  it('R4.1 is looked for, found by what it writes, and never begun twice', async () => {
    const { book, ...bed } = await opened();
    bed.livekit.manner('silent');
    bed.livekit.down(true);
    const view = await started(bed, book);
    expect(view.state).toBe('finding');
    bed.livekit.down(false);
    await bed.clock.advance(delaysMs.egressLookAgain);
    expect(await book.get('e1')).toMatchObject({ state: 'starting', egressId: 'EG_1' });
    expect(starts(bed)).toBe(1);
  });

  it('R4.1 is found by a webhook', async () => {
    const { book, ...bed } = await opened();
    bed.livekit.manner('silent');
    bed.livekit.down(true);
    await started(bed, book);
    expect(await book.told(bed.livekit.becomes('EG_1', 'active')!)).toBe('stored');
    expect(await book.get('e1')).toMatchObject({ state: 'active', egressId: 'EG_1' });
  });

  it('R4.1 is unknown when it is found nowhere, and still not begun twice', async () => {
    const { book, ...bed } = await opened();
    bed.livekit.manner('lost');
    await started(bed, book);
    await bed.clock.advance(delaysMs.egressFound);
    expect(await book.get('e1')).toMatchObject({ state: 'unknown', why: 'Egress: timeout' });
    await bed.clock.advance(delaysMs.egressForgotten);
    expect(await bed.store.get('e1')).toMatchObject({ over: true });
    expect(starts(bed)).toBe(1);
  });

  it('R4.1 is not taken for another that writes elsewhere, in another room, or belongs to somebody', async () => {
    const { book, ...bed } = await opened();
    const both = wanted({ outputs: [{ type: 'rtmp', urls: [rtmp] }] });
    await started(bed, book, both);
    bed.livekit.manner('silent');
    await started(bed, book, wanted({ room: 'another-room' }));
    bed.livekit.manner('lost');
    await started(bed, book, both);
    await bed.clock.advance(delaysMs.egressFound);
    expect(await book.get('e3')).toMatchObject({ state: 'unknown' });
    expect(await book.get('e2')).toMatchObject({ egressId: 'EG_2' });
  });

  it('R4.1 is ended as soon as it is found', async () => {
    const { book, ...bed } = await opened();
    bed.livekit.manner('silent');
    bed.livekit.down(true);
    await started(bed, book);
    await book.stop('e1');
    bed.livekit.down(false);
    await bed.clock.advance(2 * delaysMs.egressLookAgain);
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });
});

/** As the call follows it. */
async function followed() {
  const { book, ...bed } = await opened();
  const recorder = book.recorder({ callKey: 'c', room: 'room' });
  const facts: RecorderFact[] = [];
  const over = new AbortController();
  const follow = () => recorder.follow({}, { signal: over.signal }, (fact) => facts.push(fact));
  return { ...bed, book, recorder, facts, over, follow };
}

describe('the recording of a call', () => {
  it('R4.1 that is ended before it began is not begun', async () => {
    const { recorder, follow, clock, facts, livekit } = await followed();
    recorder.stop();
    follow();
    await clock.advance(1000);
    expect(facts).toEqual([{ type: 'recording.ended', ok: true, why: 'it was ended before it began' }]);
    expect(livekit.asked).toEqual([]);
  });

  it('R4.1 that the call holds to be lost is ended when it begins late', async () => {
    const { book, livekit, clock, facts, over, follow } = await followed();
    livekit.manner('silent');
    livekit.down(true);
    follow();
    await clock.advance(delaysMs.egressFound + 1000);
    expect(facts.at(-1)).toMatchObject({ type: 'recording.ended', ok: false });
    over.abort();
    livekit.down(false);
    await book.told(livekit.becomes('EG_1', 'active')!);
    await clock.advance(1000);
    expect(livekit.all()).toMatchObject([{ status: 'ending' }]);
  });
});

describe('another process', () => {
  it('R4.1 takes up an egress that was going on', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    await book.close();
    bed.livekit.becomes('EG_1', 'complete');
    const next = await bed.open();
    await bed.clock.advance(delaysMs.egressPolled);
    expect(await next.get('e1')).toMatchObject({ state: 'complete' });
    expect(starts(bed)).toBe(1);
  });

  it.each(['silent', 'hangs', 'lost'] as const)(
    'R4.1 looks for one that was being begun (%s), and begins nothing',
    async (manner) => {
      const { book, ...bed } = await opened();
      bed.livekit.manner(manner);
      bed.livekit.down(true);
      void book.start(wanted()).catch(() => undefined);
      await bed.clock.settle();
      await book.close();
      bed.livekit.manner('answers');
      bed.livekit.down(false);
      const next = await bed.open();
      await bed.clock.advance(delaysMs.egressFound + 5000);
      expect(starts(bed)).toBe(1);
      expect(await next.get('e1')).toMatchObject({ state: manner === 'lost' ? 'unknown' : 'starting' });
    },
  );

  it('R4.1 goes on ending what was being ended', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book);
    bed.livekit.down(true);
    await book.stop('e1');
    await bed.clock.settle();
    await book.close();
    bed.livekit.down(false);
    await bed.open();
    await bed.clock.advance(delaysMs.egressStopAgain);
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });
});

/** A recording that one instance has begun, and an instance beside it that was there before. */
async function besideAnother() {
  const { book, over, ...bed } = await followed();
  const beside = await bed.open(['c']);
  bed.follow();
  await bed.clock.advance(1000);
  over.abort();
  return { ...bed, book, beside };
}

/** Asks for a lead that one has as long as it asks, as Redis gives it. */
function twoLeads(clock: { now(): number }) {
  const leads = new Map<string, { readonly by: number; readonly until: number }>();
  return [1, 2].map((by) => ({
    async leads(name: string, forMs: number) {
      const lead = leads.get(name);
      if (lead && lead.by !== by && lead.until > clock.now()) return false;
      leads.set(name, { by, until: clock.now() + forMs });
      return true;
    },
  }));
}

const looks = ({ livekit }: { readonly livekit: { readonly asked: readonly string[] } }) =>
  livekit.asked.filter((asked) => asked === 'list').length;

async function watched() {
  const bed = createEgressBed();
  const [first, second] = twoLeads(bed.clock);
  const here = await bed.open([], first);
  await started(bed, here);
  const there = await bed.open([], second);
  await bed.clock.advance(4 * delaysMs.egressPolled);
  return { ...bed, here, there };
}

describe('an egress of two instances', () => {
  it('R4.1 that nobody has found yet is looked for by the one that asked for it, also when the other one led and is gone', async () => {
    const bed = createEgressBed();
    const [first, second] = twoLeads(bed.clock);
    const here = await bed.open([], first);
    bed.livekit.manner('hangs');
    bed.livekit.down(true);
    void here.start(wanted());
    const there = await bed.open([], second);
    await bed.clock.advance(delaysMs.egressLookAgain);
    await there.close();
    bed.livekit.down(false);
    await bed.clock.advance(delaysMs.egressAnswers);
    expect(await here.get('e1')).toMatchObject({ state: 'starting', egressId: 'EG_1' });
  });

  it('R4.1 is looked at by one of them, and both know how it ends', async () => {
    const bed = await watched();
    const before = looks(bed);
    await bed.clock.advance(4 * delaysMs.egressPolled);
    expect(looks(bed) - before).toBe(4);
    bed.livekit.becomes('EG_1', 'complete');
    await bed.clock.advance(3 * delaysMs.egressPolled);
    expect(await bed.here.get('e1')).toMatchObject({ state: 'complete' });
    expect(await bed.there.get('e1')).toMatchObject({ state: 'complete' });
  });

  it.each([['the first one'], ['the second one']])('R4.1 is looked at by the other when %s is gone', async (who) => {
    const bed = await watched();
    const [gone, stays] = who === 'the first one' ? [bed.here, bed.there] : [bed.there, bed.here];
    await gone.close();
    bed.livekit.becomes('EG_1', 'complete');
    await bed.clock.advance(5 * delaysMs.egressPolled);
    expect(await stays.get('e1')).toMatchObject({ state: 'complete' });
  });
});

describe('an instance beside the one that runs the call', () => {
  it('R4.1 leaves the recording of a call that goes on to whoever runs the call', async () => {
    const bed = await besideAnother();
    const third = await bed.open(['c']);
    await bed.book.close();
    const before = bed.livekit.asked.length;
    await bed.clock.advance(3 * delaysMs.egressPolled);
    expect(bed.livekit.asked.length).toBe(before);
    expect(await third.recordingOf('c')).toMatchObject({ id: 'e1', state: 'starting' });
    expect(bed.livekit.all()).toMatchObject([{ status: 'starting' }]);
  });

  it('R4.1 ends the recording of a call that is over when it starts', async () => {
    const bed = await besideAnother();
    await bed.book.close();
    await bed.open([]);
    await bed.clock.advance(1000);
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });

  it('R4.1 knows a call that began while it started', async () => {
    const { store, livekit, ...bed } = await besideAnother();
    const calls: string[] = [];
    const open = store.open;
    Object.assign(store, { open: () => (calls.push('c'), open()) });
    await bed.open(calls);
    await bed.clock.advance(1000);
    expect(livekit.all()).toMatchObject([{ status: 'starting' }]);
  });

  it('R4.1 takes up the recording with the call, and begins no second one', async () => {
    const bed = await besideAnother();
    await bed.book.close();
    bed.livekit.becomes('EG_1', 'active');
    const facts: RecorderFact[] = [];
    const recorder = bed.beside.recorder({ callKey: 'c', room: 'room' });
    recorder.follow({}, new AbortController(), (fact) => facts.push(fact));
    await bed.clock.advance(1000);
    expect(facts).toEqual([{ type: 'recording.started', egress: 'EG_1' }]);
    bed.livekit.becomes('EG_1', 'complete');
    await bed.clock.advance(delaysMs.egressPolled);
    expect(facts.at(-1)).toEqual({ type: 'recording.ended', ok: true });
    expect(starts(bed)).toBe(1);
    expect(bed.clock.pending()).toBe(0);
  });

  it('R4.1 ends the recording with the call that it took over', async () => {
    const bed = await besideAnother();
    await bed.book.close();
    bed.beside.callEnded('c');
    await bed.clock.advance(1000);
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });

  it('R4.1 keeps the end and the file of a recording that the other one did not live to see', async () => {
    const bed = await besideAnother();
    await bed.book.close();
    const files = [{ name: 'e1.ogg', location: '/out/e1.ogg', sizeBytes: 7, durationMs: 1000 }];
    expect(await bed.beside.told(bed.livekit.becomes('EG_1', 'active')!)).toBe('ignored');
    expect(await bed.beside.told(bed.livekit.becomes('EG_1', 'complete', { files })!)).toBe('stored');
    expect(await bed.beside.recordingOf('c')).toMatchObject({ state: 'complete', files });
    expect(await bed.store.get('e1')).toMatchObject({ over: true });
    expect(bed.clock.pending()).toBe(0);
  });

  it('R4.1 … also where the other one did not live to see its beginning, and of no other', async () => {
    const { book, ...bed } = await opened();
    const beside = await bed.open();
    bed.livekit.manner('silent');
    bed.livekit.down(true);
    await started(bed, book);
    await book.close();
    const ended = bed.livekit.becomes('EG_1', 'failed', { error: 'no space left' })!;
    expect(await beside.told({ ...ended, room: 'another-room' })).toBe('ignored');
    expect(await beside.told(ended)).toBe('stored');
    expect(await beside.get('e1')).toMatchObject({ state: 'failed', why: 'no space left' });
  });

  it('R4.1 takes nothing up when it is closed', async () => {
    const bed = await besideAnother();
    await bed.book.close();
    bed.beside.callEnded('c');
    await bed.beside.close();
    await bed.clock.advance(1000);
    expect(bed.livekit.all()).toMatchObject([{ status: 'starting' }]);
    expect(bed.clock.pending()).toBe(0);
  });

  it('R4.1 changes and ends an egress that the other one began', async () => {
    const { book, ...bed } = await opened();
    const beside = await bed.open();
    await started(bed, book);
    expect(await beside.changeLayout('e1', 'speaker')).toMatchObject({ id: 'e1' });
    await beside.stop('e1');
    await bed.clock.advance(1000);
    expect(bed.livekit.all()).toMatchObject([{ status: 'ending' }]);
  });
});

describe('an egress that cannot be begun', () => {
  it('R4.1 is refused in LiveKit’s words', async () => {
    const { book, ...bed } = await opened();
    const error = await started(bed, book, wanted({ room: 'nowhere' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ControlError);
    expect(error).toMatchObject({ code: 'not_found' });
    expect(await book.get('e1')).toMatchObject({ state: 'refused', why: 'Egress: not_found' });
  });

  it('R4.1 is not begun when it cannot be stored', async () => {
    const bed = createEgressBed();
    const book = await createEgressBed({ ...bed.store, put: () => Promise.reject(new Error('full')) }).open();
    const error = await book.start(wanted()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'limit', message: expect.stringContaining('could not be noted') });
    expect(bed.livekit.asked).toEqual([]);
  });

  it('R4.3 names the storages there are', async () => {
    const { book } = await opened();
    const outputs = [{ type: 'mp4', storage: 'attic' }];
    await expect(book.start(wanted({ outputs }))).rejects.toMatchObject({
      code: 'invalid',
      field: 'outputs.0.storage',
      message: expect.stringContaining('there are local'),
    });
  });
});

describe('an egress that goes on', () => {
  it('R4.1 R4.4 gets another layout and other streams', async () => {
    const { book, ...bed } = await opened();
    await started(bed, book, wanted({ outputs: [{ type: 'rtmp', urls: [rtmp] }] }));
    expect(await book.changeLayout('e1', 'speaker')).toMatchObject({ id: 'e1' });
    const changed = await book.changeStreams('e1', { add: ['rtmp://other.example.com/app/second'], remove: [rtmp] });
    expect(changed?.streams).toHaveLength(1);
    expect(bed.livekit.asked).toEqual(['start', 'updateLayout', 'updateStream']);
  });

  it('R4.4 shows and stores no key of an address', async () => {
    const { book, ...bed } = await opened();
    const view = await started(bed, book, wanted({ outputs: [{ type: 'rtmp', urls: [rtmp] }] }));
    expect(bed.livekit.orders[0]?.outputs[0]).toMatchObject({ urls: [{}] });
    expect(view.outputs).toEqual([{ type: 'rtmp', urls: ['rtmps://live.example.com/app/…'] }]);
    expect(JSON.stringify([view, await bed.store.get('e1')])).not.toContain('the-key');
  });

  it.each([
    [
      'a layout without pictures',
      { audioOnly: true, layout: undefined, outputs: [{ type: 'ogg' }] },
      'changeLayout',
      'grid',
      'layout',
    ],
    ['streams where there are none', {}, 'changeStreams', { add: [rtmp], remove: [] }, 'add'],
    [
      'an address of another kind',
      { outputs: [{ type: 'rtmp', urls: [rtmp] }] },
      'changeStreams',
      { add: ['srt://a:1'], remove: [] },
      'add.0',
    ],
  ] as const)('R4.1 is not asked for %s', async (_, request, method, change, field) => {
    const { book, ...bed } = await opened();
    await started(bed, book, wanted(request));
    await expect(book[method]('e1', change as never)).rejects.toMatchObject({ code: 'invalid', field });
    expect(bed.livekit.asked).toEqual(['start']);
  });

  it('R4.1 says so when there is none, or it is over', async () => {
    const { book, ...bed } = await opened();
    expect(await book.changeLayout('e9', 'grid')).toBeUndefined();
    expect(await book.stop('e9')).toBeUndefined();
    await started(bed, book);
    await book.told(bed.livekit.becomes('EG_1', 'complete')!);
    await expect(book.changeLayout('e1', 'grid')).rejects.toMatchObject({ code: 'refused' });
  });
});
