import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { calmPosture, type Posture } from '../../../src/posture.ts';
import type { PostureStore } from '../../../src/runtime/posture-store.ts';

export interface PosturesWorld {
  /** Two instances on one store. */
  readonly here: PostureStore;
  readonly there: PostureStore;
  /** Lets so much of the store's time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

const posture = (version: number): Posture => ({
  ...calmPosture,
  version,
  since: 1_800_000_000_000,
  mode: 'degraded',
  livekitHost: 'fallback',
  avoid: ['openai'],
  limited: ['recording', 'egress'],
  measures: [
    { kind: 'fallbackHost', target: 'livekit-room', isOver: false },
    { kind: 'limited', target: 'livekit-egress', isOver: true },
  ],
});

/** What every store of the posture must do, whoever asks it. */
export function postureStoreContract(name: string, open: () => Promise<PosturesWorld>): void {
  describe(`D8.8 the store of the posture: ${name}`, () => {
    let world: PosturesWorld;
    beforeEach(async () => void (world = await open()));
    afterEach(() => world.close());

    test('one of two leads, for as long as it keeps on', async () => {
      const { here, there, pass } = world;
      const first = await here.lead(300);
      expect(first).toEqual(expect.any(Number));
      expect(await there.lead(300)).toBeUndefined();
      await pass(200);
      expect(await here.lead(300)).toBe(first);
      await pass(200);
      expect(await there.lead(300)).toBeUndefined();
      await pass(200);
      expect(await there.lead(300)).toBeGreaterThan(first!);
      expect(await here.lead(300)).toBeUndefined();
    });

    test('who took up the lead again after it had ended has a new number', async () => {
      const { here, pass } = world;
      const first = await here.lead(100);
      await pass(150);
      expect(await here.lead(100)).toBeGreaterThan(first!);
    });

    test('what the leader writes is read by both; before that there is nothing', async () => {
      const { here, there } = world;
      expect([await here.read(), await there.read()]).toEqual([undefined, undefined]);
      const fence = await here.lead(300);
      expect(await here.write(posture(4), fence!)).toBe('written');
      expect([await here.read(), await there.read()]).toEqual([posture(4), posture(4)]);
    });

    test('a lead that is over writes nothing, whether somebody else leads by now or nobody', async () => {
      const { here, there, pass } = world;
      const old = await here.lead(100);
      await pass(150);
      expect(await here.write(posture(1), old!)).toBe('fenced');
      const fence = await there.lead(300);
      expect(await here.write(posture(1), old!)).toBe('fenced');
      expect(await here.write(posture(1), fence!)).toBe('fenced');
      expect(await there.write(posture(2), fence!)).toBe('written');
      expect(await here.read()).toEqual(posture(2));
    });

    test('both are told what is written, until they no longer want to be', async () => {
      const { here, there } = world;
      const heard: [string, number][] = [];
      const ends = Object.entries({ here, there }).map(([who, store]) =>
        store.watch(({ version }) => heard.push([who, version])),
      );
      const fence = await here.lead(1000);
      await here.write(posture(1), fence!);
      await expect
        .poll(() => heard.toSorted())
        .toEqual([
          ['here', 1],
          ['there', 1],
        ]);
      ends[0]!();
      await here.write(posture(2), fence!);
      await expect.poll(() => heard.length).toBe(3);
      expect(heard.at(-1)).toEqual(['there', 2]);
    });

    test('what waits for an admin is known to the others, each once, until it waits no longer or nobody says so any more', async () => {
      const { here, there, pass } = world;
      expect(await here.waiting(['openai', 'redis'], 300)).toEqual([]);
      expect(await there.waiting(['redis'], 300)).toEqual(['openai', 'redis']);
      expect(await here.waiting(['redis', 'livekit-room'], 300)).toEqual(['redis']);
      expect(await here.waiting([], 300)).toEqual(['redis']);
      expect(await there.waiting(['redis'], 300)).toEqual([]);
      await pass(400);
      expect(await here.waiting(['groq'], 300)).toEqual([]);
      expect(await there.waiting([], 300)).toEqual(['groq']);
      await here.close();
      expect(await there.waiting([], 300)).toEqual([]);
    });

    test('what an admin said is known to all, and when', async () => {
      const { here, there } = world;
      expect([await here.acknowledged(), await there.acknowledged()]).toEqual([undefined, undefined]);
      await here.acknowledge(1_800_000_000_123);
      expect([await here.acknowledged(), await there.acknowledged()]).toEqual([1_800_000_000_123, 1_800_000_000_123]);
      await there.acknowledge(1_800_000_000_456);
      expect(await here.acknowledged()).toBe(1_800_000_000_456);
    });

    test('who closes lets the next one lead at once', async () => {
      const { here, there } = world;
      const first = await here.lead(60_000);
      await here.close();
      expect(await there.lead(300)).toBeGreaterThan(first!);
    });
  });
}
