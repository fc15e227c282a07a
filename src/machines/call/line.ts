import { sendTo } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

const leave = (why: string) => ({ target: '#call.leaving', actions: { type: 'because' as const, params: why } });
const fenced = (why: string) => ({ target: '#call.ended', actions: { type: 'because' as const, params: why } });
const present = {
  guard: 'isOurCaller',
  target: '#link.attached.joined.present',
  actions: 'noteCaller',
} as const;

/** By LiveKit's lists, which know less than our own link while it is up. */
const unlisted = [{ guard: 'isDialing' as const }, { ...leave('caller lost'), guard: 'ofThisCaller' as const }];
const seenOtherwise = {};

const alone = { 'line.reconnecting': '#link.attached.reconnecting.fromNobody' } as const;

/** Whether the caller is there, while our own link is up. A reconnect looks like a hang-up for a moment: hence the grace. */
const joined = chart.createStateConfig({
  initial: 'waiting',
  on: {
    'line.reconnecting': '#link.attached.reconnecting',
    'caller.joined': present,
    // Were it gone, our own link would have been closed: this is of an earlier life of the room.
    'call.room_gone': seenOtherwise,
    // Of a leg that never was answered, and of one that was put through, the telephone's side tells more.
    'caller.hung_up': [
      { guard: 'isDialing' },
      { guard: 'isReferring', target: '.missing' },
      { guard: 'isTransferred', target: '#call.leaving' },
      leave('caller hung up'),
    ],
  },
  states: {
    waiting: {
      on: alone,
      after: {
        [at.callerSeen]: [{ guard: 'isDialing', target: 'waiting', reenter: true }, leave('no caller')],
      },
    },
    present: {
      on: {
        'caller.left': { guard: 'ofThisCaller', target: 'missing' },
        'call.caller_gone': { guard: 'ofThisCaller', target: 'missing' },
        'call.caller_unlisted': seenOtherwise,
      },
    },
    missing: {
      on: { 'call.caller_unlisted': seenOtherwise },
      after: {
        [at.callerGrace]: [
          { guard: 'isDialing', target: 'waiting' },
          { guard: 'isTransferred', target: '#call.leaving' },
          leave('caller hung up'),
        ],
      },
    },
    /** Just back ourselves: the caller's own way back may take longer than ours. */
    recalled: {
      on: { 'caller.left': 'returning', 'call.caller_unlisted': seenOtherwise },
      after: { [at.callerGrace]: 'present' },
    },
    /** A telephone's gateway waits longer from one attempt to the next, the longer the outage lasts. */
    returning: {
      on: alone,
      after: { [at.callerReturns]: [{ guard: 'isDialing', target: 'waiting' }, leave('caller lost')] },
    },
  },
});

const link = chart.createStateConfig({
  id: 'link',
  initial: 'attached',
  states: {
    attached: {
      invoke: { id: 'line', src: 'joinRoom', input: ({ context }) => ({ epoch: context.epoch }), onError: 'rejoining' },
      initial: 'joining',
      on: {
        'call.restored': { target: 'attached', reenter: true, actions: 'noteEpoch' },
        'caller.joined': { guard: 'isOurCaller', actions: 'noteCaller' },
        'line.failed': 'rejoining',
        'line.fenced': fenced('fenced'),
        'line.closed': leave('room closed'),
        'call.room_gone': leave('room closed'),
        'call.caller_unlisted': unlisted,
        'agent.shows': {
          actions: sendTo('line', ({ event }) => ({ type: 'line.show_state', state: event.state })),
        },
      },
      states: {
        joining: {
          on: {
            // Who was here before has a way back of his own, and it may take longer than ours.
            'line.joined': [{ guard: 'callerKnown', target: 'joined.returning' }, { target: 'joined' }],
            'line.failed': [{ guard: 'mayRejoin', target: '#link.rejoining' }, leave('could not join')],
          },
          after: { [at.lineJoined]: [{ guard: 'callerKnown', target: '#link.rejoining' }, leave('could not join')] },
        },
        joined,
        /** Our own link is down: we know nothing of the caller, and nobody is held to have hung up. */
        reconnecting: {
          initial: 'fromCaller',
          after: { [at.lineReconnected]: '#link.rejoining' },
          states: {
            fromCaller: { on: { 'line.reconnected': '#link.attached.joined.recalled' } },
            /** Who had not come yet is not taken to be there, only since nobody saw him leave. */
            fromNobody: {
              on: {
                'line.reconnected': [
                  { guard: 'callerKnown', target: '#link.attached.joined.returning' },
                  { target: '#link.attached.joined' },
                ],
              },
            },
          },
        },
      },
    },
    rejoining: {
      on: {
        'call.restored': { target: 'attached', actions: 'noteEpoch' },
        'call.room_gone': leave('room closed'),
        'call.caller_unlisted': unlisted,
      },
      after: { [at.lineRetry]: 'attached' },
    },
  },
});

/** However the link tries to come back, it has so long in all. */
const patience = chart.createStateConfig({
  initial: 'broken',
  on: { 'call.restored': '.broken' },
  states: {
    works: { always: { guard: 'linkIsDown', target: 'broken' } },
    broken: {
      always: { guard: 'linkIsUp', target: 'works' },
      after: { [at.lineBudget]: leave('line lost') },
    },
  },
});

/** Our place in the room, and the caller's. */
export const line = chart.createStateConfig({ type: 'parallel', states: { link, patience } });
