import type { AnyStateNode } from 'xstate';
import { describe, expect, it } from 'vitest';
import { at, cuttingShort, type DelayName, delaysMs, patient, wallTimers } from '../../src/machines/deadlines.ts';
import { delaysOf, isTransient, machines, nameOf, nodesOf } from '../support/state-nodes.ts';

/** A cap on the whole call limits no state in it. */
const caps = new Set(['maxCall']);

const ownDelays = (node: AnyStateNode) => delaysOf(node).filter((name) => !caps.has(name));

/** The state and the compound states above it, up to the region's edge. */
function chainOf(node: AnyStateNode): AnyStateNode[] {
  return node.parent && node.parent.type !== 'parallel' ? [node, ...chainOf(node.parent)] : [node];
}

const isLimited = (node: AnyStateNode) => chainOf(node).some((each) => ownDelays(each).length > 0);

const longestOwnMs = (node: AnyStateNode) => Math.max(0, ...delaysOf(node).map((name) => delaysMs[name as DelayName]));

/** How long a state may last: its own deadline, else each of its children once; regions run side by side. */
function longestMs(node: AnyStateNode): number {
  if (delaysOf(node).length > 0) return longestOwnMs(node);
  const children = Object.values(node.states).map(longestMs);
  return node.type === 'parallel' ? Math.max(0, ...children) : children.reduce((sum, ms) => sum + ms, 0);
}

const childrenMs = (node: AnyStateNode) => Object.values(node.states).reduce((sum, child) => sum + longestMs(child), 0);

describe.each(machines.map((machine) => [machine.id, nodesOf(machine.root)] as const))(
  'deadlines of %s',
  (id, nodes) => {
    const lasting = nodes.filter((node) => node.type === 'atomic' && !isTransient(node));

    it('every state that may last has a deadline or a reason to have none', () => {
      const unlimited = lasting.filter((node) => !isLimited(node)).map(nameOf);
      expect(unlimited.toSorted()).toEqual(
        Object.keys(patient)
          .filter((name) => name.startsWith(`${id} `))
          .toSorted(),
      );
    });

    it('every delay is a known one', () => {
      for (const node of nodes)
        for (const name of delaysOf(node)) expect(Object.keys(at), nameOf(node)).toContain(name);
    });

    it('a deadline is longer than all the states below it together, each once', () => {
      const short = nodes
        .filter((node) => node.type !== 'atomic' && delaysOf(node).length > 0 && longestOwnMs(node) <= childrenMs(node))
        .map(nameOf);
      expect(short).toEqual(Object.keys(cuttingShort).filter((name) => name.startsWith(`${id} `)));
    });

    it('an actor that breaks is answered for, and by no catch-all', () => {
      for (const node of nodes) {
        const events = [...node.transitions.keys()];
        expect(events, nameOf(node)).not.toContain('*');
        for (const { id: actor } of node.invoke) expect(events, nameOf(node)).toContain(`xstate.error.actor.${actor}`);
      }
    });

    it('leaving a state does nothing: after a restore there may be no child to talk to', () => {
      for (const node of nodes) expect(node.config.exit, nameOf(node)).toBeUndefined();
    });
  },
);

describe('deadlines across states', () => {
  it('every delay is used, and every named state exists', () => {
    const nodes = machines.flatMap((machine) => nodesOf(machine.root));
    const names = new Set(nodes.map(nameOf));
    expect([...Object.keys(patient), ...Object.keys(cuttingShort)].filter((name) => !names.has(name))).toEqual([]);
    expect(Object.keys(delaysMs).filter((name) => !nodes.some((node) => delaysOf(node).includes(name)))).toEqual([]);
    expect([...wallTimers].every((name) => name in delaysMs)).toBe(true);
  });

  it('the SDK’s own reconnecting and one whole new join fit into the budget of the line', () => {
    const { lineBudget, lineReconnected, lineRetry, lineJoined } = delaysMs;
    expect(lineBudget).toBeGreaterThan(lineReconnected + lineRetry + lineJoined);
  });

  it('a reply has come to its stored phrase before the call gives it up', () => {
    const { replyReady, firstSound, firstAudio, clipEnds, permitted, tentativeEnds } = delaysMs;
    expect(replyReady).toBeGreaterThan(firstSound + firstAudio + clipEnds);
    expect(permitted).toBeGreaterThan(tentativeEnds);
  });

  it('silence while a reply is owed ends within 2.5 s, whichever part is slow or dead', () => {
    const { firstSound, firstAudio, soundOwed, fillerAgain } = delaysMs;
    const { turnConfirmed, turnCommits, wordsMissing, turnTentative } = delaysMs;
    expect(firstSound + firstAudio).toBeLessThan(2500);
    expect(soundOwed + firstAudio).toBeLessThan(2500);
    expect(fillerAgain + firstAudio).toBeLessThan(2500);
    expect(turnConfirmed).toBeLessThan(2500);
    expect(turnTentative + wordsMissing).toBeLessThan(2500);
    expect(turnCommits + firstAudio).toBeLessThanOrEqual(2500);
  });
});
