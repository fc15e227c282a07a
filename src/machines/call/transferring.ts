import { raise } from 'xstate';
import { at } from '../deadlines.ts';
import { chart } from './setup.ts';
import { voicing } from './voicing.ts';

/** Said when somebody else asked for it; the model announces it in its own words. */
const announcing = chart.createStateConfig({
  initial: 'asking',
  states: {
    asking: { always: { target: 'saying', actions: { type: 'ask', params: 'transfer' } } },
    saying: voicing('announcement', 'heedless', [{ target: '#referring' }], [{ target: '#referring' }]),
  },
});

/** What the model announced, the caller may object to: they are heard out. A voice without words is noise. */
const heeding = chart.createStateConfig({
  id: 'heeding',
  initial: 'choosing',
  always: { guard: 'isRealSpeech', target: '#callerTurn' },
  states: {
    choosing: { always: [{ guard: 'voiceIsOn', target: 'voiced' }, { target: 'hushed' }] },
    hushed: { on: { 'caller.voice_started': 'voiced' }, after: { [at.transferBegins]: '#referring' } },
    voiced: { on: { 'caller.voice_stopped': 'hushed' } },
  },
  after: { [at.transferHeeds]: '#referring' },
});

/** The caller is still here, and the model is told why; or the call has lasted too long meanwhile. */
const back = [
  { guard: 'lastsTooLong', target: '#closing', actions: ['cutTurn', 'noteTransferFailure'] },
  {
    guard: 'isFailsafe',
    target: '#closing',
    actions: ['cutTurn', 'noteTransferFailure', { type: 'because', params: 'failsafe' }],
  },
  {
    guard: 'isDeaf',
    target: '#closing',
    actions: ['cutTurn', 'noteTransferFailure', { type: 'because', params: 'deaf' }],
  },
  {
    target: '#replying',
    actions: ['cutTurn', 'noteTransferFailure', 'takeTurn', { type: 'ask', params: 'answer' }],
  },
] as const;

/** The other telephone rings. What that leads to cannot be taken back, so it is stored as meant before. */
const referring = chart.createStateConfig({
  id: 'referring',
  tags: ['puttingThrough'],
  initial: 'hushed',
  entry: 'beginTransfer',
  invoke: {
    id: 'transfer',
    src: 'transfer',
    input: ({ context }) => ({
      identity: context.caller?.identity ?? '',
      to: context.transferTo,
      ringMs: transferRingMs,
    }),
    onError: [...back],
  },
  on: {
    'transfer.done': '#transferring.gone',
    'transfer.failed': [...back],
    // Whom the caller would be told goodbye by is being left: the other telephone may be answered meanwhile.
    'call.hang_up': { target: '#call.leaving', actions: { type: 'because', params: 'hung up by operator' } },
  },
  states: {
    hushed: { after: { [at.transferHushed]: { target: 'assuring', actions: { type: 'ask', params: 'assure' } } } },
    assuring: voicing('assurance', 'heedless', [{ target: '#referring.hushed' }], [{ target: '#referring.hushed' }]),
  },
  after: { [at.transferEnds]: [...back] },
});

/** The caller is put through to somebody who was configured, and stays with us when that fails. */
export const transferring = chart.createStateConfig({
  id: 'transferring',
  initial: 'announcing',
  on: {
    'call.say': {},
    'call.transfer': {},
    'hearing.lost': {},
    // Words are kept: they are answered if the caller stays.
    'caller.turn_ended': {},
  },
  states: {
    announcing,
    heeding,
    referring,
    /** The gateway ends our leg a second after the other telephone has answered. */
    gone: {
      tags: ['puttingThrough'],
      entry: { type: 'because', params: 'transferred' },
      on: {
        'call.restored': { actions: raise(({ event }) => ({ type: 'call.hang_up' as const, at: event.at })) },
        'call.hang_up': '#call.leaving',
      },
      after: { [at.transferGone]: '#call.leaving' },
    },
  },
});

const transferRingMs = 20_000;
