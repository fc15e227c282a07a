import { describe, expect, it } from 'vitest';
import { calmPosture } from '../../src/posture.ts';
import { createHub } from '../../src/runtime/hub.ts';
import { createPostureBoard } from '../../src/runtime/posture-board.ts';

const posture = (version: number) => ({ ...calmPosture, version, mode: 'degraded' as const });

describe('a hub', () => {
  it('tells all who listen, until they no longer do, whatever one of them does', () => {
    const errors: unknown[] = [];
    const hub = createHub<number>((error) => errors.push(error));
    const heard: string[] = [];
    const stop = hub.listen((told) => heard.push(`a${told}`));
    hub.listen(() => {
      throw new Error('deaf');
    });
    hub.listen((told) => heard.push(`b${told}`));
    hub.tell(1);
    stop();
    hub.tell(2);
    expect(heard).toEqual(['a1', 'b1', 'b2']);
    expect(errors).toHaveLength(2);
  });

  it('tells each of two who listen by the same function', () => {
    const hub = createHub<number>(() => {});
    let heard = 0;
    const listener = () => (heard += 1);
    hub.listen(listener)();
    hub.listen(listener);
    hub.listen(listener);
    hub.tell(1);
    expect(heard).toBe(2);
  });
});

describe('the posture board', () => {
  it('takes what is newer, tells it once, and leaves an older one alone', () => {
    const board = createPostureBoard(() => {});
    const told: number[] = [];
    board.watch(({ version }) => told.push(version));
    board.take(posture(2));
    board.take(posture(2));
    board.take(posture(1));
    expect(board.now()).toEqual(posture(2));
    expect(told).toEqual([2]);
  });
});
