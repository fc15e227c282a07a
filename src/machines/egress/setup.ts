import { assign, setup } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import { hasEnded, isNews } from '../../egress.ts';
import { delaysMs } from '../deadlines.ts';
import type { EgressContext, EgressInput } from './context.ts';
import type { EgressEvent } from './events.ts';

type Nothing = { type: 'none' };

/** The actors of an egress. Every key must be given to `createEgress`. */
export const egressActors = {
  startEgress: unwired<Nothing, undefined>('startEgress'),
  findEgress: unwired<Nothing, { readonly room: string; readonly egressId?: string }>('findEgress'),
  stopEgress: unwired<Nothing, { readonly egressId: string }>('stopEgress'),
};

interface Args {
  readonly context: EgressContext;
  readonly event: EgressEvent;
}

const status = ({ context }: Args) => context.info?.status;

export const egressChart = setup({
  types: {
    context: {} as EgressContext,
    events: {} as EgressEvent,
    input: {} as EgressInput,
    tags: {} as 'asking' | 'over',
  },
  actors: egressActors,
  delays: delaysMs,
  guards: {
    isKnown: ({ context }: Args) => context.info !== undefined,
    isNews: ({ context, event }: Args) => event.type === 'egress.told' && isNews(context.info, event.info),
    isActive: (args: Args) => status(args) === 'active',
    isEnding: (args: Args) => status(args) === 'ending',
    hasEnded: ({ context }: Args) => context.info !== undefined && hasEnded(context.info.status),
    wasAbsent: ({ context }: Args) => context.absences > 0,
  },
  actions: {
    note: assign(({ event }) => (event.type === 'egress.told' ? { info: event.info } : {})),
    noteFailure: assign(({ event }) => ('failure' in event ? { failure: event.failure } : {})),
    countAbsence: assign({ absences: ({ context }) => context.absences + 1 }),
    forgetAbsences: assign({ absences: 0 }),
  },
});
