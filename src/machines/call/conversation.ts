import { at } from '../deadlines.ts';
import { closing } from './closing.ts';
import { dialing } from './dialing.ts';
import { listening } from './listening.ts';
import { chart } from './setup.ts';
import { transferring } from './transferring.ts';
import { voicing } from './voicing.ts';

const because = (why: string) => ({ type: 'because' as const, params: why });
const tooLong = 'call too long';
const crashedTooOften = 'crashed too often';
const close = (why: string) => ({ target: '.closing', actions: because(why) });
const greet = { type: 'ask', params: 'greet' } as const;

/** What is said before the caller is listened to. */
const opening = chart.createStateConfig({
  initial: 'choosing',
  states: {
    choosing: {
      always: [
        { guard: 'hasDisclosure', target: 'disclosing', actions: { type: 'ask', params: 'disclose' } },
        { guard: 'hasGreeting', target: 'greeting', actions: greet },
        { target: '#listening' },
      ],
    },
    disclosing: voicing('disclosing', 'guarded', [
      { guard: 'finishesInTrouble', target: '#closing', actions: 'becauseTroubled' },
      { guard: 'greetsNext', target: '#greeting', actions: greet },
      { target: '#listening' },
    ]),
    greeting: voicing('greeting', 'guarded', [
      { guard: 'finishesInTrouble', target: '#closing', actions: 'becauseTroubled' },
      { target: '#listening' },
    ]),
  },
});

/** Whatever the agent says after the opening. */
const replying = voicing('replying', 'tentative', [
  { guard: 'finishesInTrouble', target: '#closing', actions: 'becauseTroubled' },
  { guard: 'owesMore', target: '#replying', reenter: true, actions: { type: 'ask', params: 'goOn' } },
  { guard: 'hangsUpNext', target: '#closing.lastWord' },
  { guard: 'collectsNext', target: '#collectingDigits' },
  { guard: 'transfersNext', target: '#heeding' },
  { target: '#listening' },
]);

const talking = chart.createStateConfig({
  initial: 'opening',
  on: {
    'call.restored': [
      { guard: 'lastsTooLong', target: '.closing' },
      { guard: 'failsafeConnects', target: '.transferring', actions: 'noteFailsafePerson' },
      { guard: 'isFailsafe', target: '.closing', actions: ['noteTransferFailure', because('failsafe')] },
      { target: '.replying', actions: ['takeTurn', { type: 'ask', params: 'bridge' }] },
    ],
    'call.say': { target: '.replying', actions: 'askToSay' },
    'call.transfer': { guard: 'mayTransfer', target: '.transferring', actions: 'noteTransferWanted' },
    'call.hang_up': close('hung up by operator'),
    'call.give_up': close(crashedTooOften),
    'hearing.lost': close('deaf'),
  },
  after: {
    [at.maxCall]: [
      // Somebody is being called, which has its own end: it is looked at then.
      { guard: 'isReferring', actions: because(tooLong) },
      { guard: 'isTransferred' },
      close(tooLong),
    ],
  },
  states: { opening, listening, replying, transferring, closing },
});

/** Who has the floor, and what for. */
export const conversation = chart.createStateConfig({
  id: 'conversation',
  initial: 'beginning',
  states: {
    beginning: {
      always: [
        { guard: 'callsTooLate', target: '#call.leaving', actions: because('dial failed') },
        { guard: 'callsOut', target: 'dialing' },
        { target: 'ringing' },
      ],
    },
    ringing: {
      on: {
        'caller.answered': [
          { guard: 'failsafeConnects', target: 'talking.transferring', actions: 'noteFailsafePerson' },
          { guard: 'isFailsafe', target: 'talking.closing', actions: because('failsafe') },
          { guard: 'isDeaf', target: 'talking.closing', actions: because('deaf') },
          { target: 'talking' },
        ],
        'call.hang_up': { target: '#call.leaving', actions: because('hung up by operator') },
        'call.give_up': { target: '#call.leaving', actions: because(crashedTooOften) },
      },
      after: { [at.callerAnswers]: { target: '#call.leaving', actions: because('not answered') } },
    },
    dialing,
    talking,
  },
});
