import { sendTo } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';

const leave = (why: string) => ({ target: '#call.leaving', actions: { type: 'because' as const, params: why } });
const fenced = (why: string) => ({ target: '#call.ended', actions: { type: 'because' as const, params: why } });

/** Whether the caller is there, while our own link is up. A reconnect looks like a hang-up for a moment: hence the grace. */
const joined = chart.createStateConfig({
  initial: 'waiting',
  on: { 'line.reconnecting': { target: 'reconnecting', actions: 'noteDown' } },
  states: {
    waiting: {
      on: { 'caller.joined': { target: 'present', actions: 'noteCaller' } },
      after: { [at.callerSeen]: leave('no caller') },
    },
    present: {
      on: {
        'caller.left': { guard: 'ofThisCaller', target: 'missing' },
        'caller.hung_up': leave('caller hung up'),
        'call.caller_gone': { guard: 'ofThisCaller', target: 'missing' },
      },
    },
    missing: {
      on: { 'caller.joined': { target: 'present', actions: 'noteCaller' } },
      after: { [at.callerGrace]: leave('caller hung up') },
    },
    returning: {
      on: { 'caller.joined': { target: 'present', actions: 'noteCaller' } },
      after: { [at.callerReturns]: leave('caller lost') },
    },
  },
});

/** Our own link is down: what we see of others means nothing, and nobody is held to have hung up. */
const reconnecting = chart.createStateConfig({
  initial: 'callerKnown',
  after: { [at.lineReconnected]: '#line.rejoining' },
  states: {
    callerKnown: {
      on: { 'caller.left': 'callerUnknown', 'line.reconnected': '#line.attached.joined.present' },
    },
    callerUnknown: {
      on: {
        'caller.joined': { target: 'callerKnown', actions: 'noteCaller' },
        'line.reconnected': '#line.attached.joined.returning',
      },
    },
  },
});

export const line = chart.createStateConfig({
  id: 'line',
  initial: 'attached',
  states: {
    attached: {
      invoke: { id: 'line', src: 'joinRoom', input: ({ context }) => ({ epoch: context.epoch }), onError: 'rejoining' },
      initial: 'joining',
      on: {
        'call.restored': { target: 'attached', reenter: true, actions: 'noteEpoch' },
        'caller.joined': { actions: 'noteCaller' },
        'line.failed': [{ guard: 'lineMayReturn', target: 'rejoining' }, leave('line lost')],
        'line.fenced': fenced('fenced'),
        'line.closed': leave('room closed'),
        'call.room_gone': leave('room closed'),
        'agent.shows': {
          actions: sendTo('line', ({ event }) => ({ type: 'line.show_state', state: event.state })),
        },
        'reply.send_digits': {
          actions: sendTo('line', ({ event }) => ({ type: 'line.send_digits', digits: event.digits })),
        },
      },
      states: {
        joining: {
          on: { 'line.joined': 'joined' },
          after: { [at.lineJoined]: [{ guard: 'callerKnown', target: '#line.rejoining' }, leave('could not join')] },
        },
        joined,
        reconnecting,
      },
    },
    rejoining: {
      on: { 'call.restored': { target: 'attached', actions: 'noteEpoch' } },
      after: { [at.lineRetry]: 'attached' },
    },
  },
});
