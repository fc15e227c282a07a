import { assign, emit, raise, setup } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import type { Trouble } from '../../actors/trouble.ts';
import type { Failure, FailureClass } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import { delaysMs } from '../deadlines.ts';
import type { RecoveryContext, RecoveryInput } from './context.ts';
import type { RecoveryEvent, RecoveryStep } from './events.ts';
import { detourOf, measure, type Measure, measuresOf } from './measures.ts';
import {
  withFailing,
  withForgotten,
  withIncident,
  withMeasures,
  withNext,
  withoutLiftable,
  withoutTurn,
  withStatus,
  withVerdict,
} from './notes.ts';
import { backoffMs, isCritical, isOutranked, mostAttempts, pathOf } from './triage.ts';

const work = (name: string) => unwired<{ type: 'none' }, Trouble>(name);

/** The actors of recovery. Every key must be given to `createRecovery`. */
export const recoveryActors = {
  initializeComponents: unwired<{ type: 'none' }, undefined>('initializeComponents'),
  checkHealth: unwired<{ type: 'none' }, { readonly targets: readonly Target[] | 'all' }>('checkHealth'),
  logDetails: work('logDetails'),
  autoFix: work('autoFix'),
  refreshToken: work('refreshToken'),
  retryAccess: work('retryAccess'),
  checkStatus: work('checkStatus'),
  retryApi: work('retryApi'),
  useFallbackApi: work('useFallbackApi'),
  checkSipConfig: work('checkSipConfig'),
  reloadSipConfig: work('reloadSipConfig'),
  testSipConnection: work('testSipConnection'),
  useBackupSipConfig: work('useBackupSipConfig'),
  checkNetwork: work('checkNetwork'),
  reconnect: work('reconnect'),
  sendAlert: work('sendAlert'),
  activateFailsafe: work('activateFailsafe'),
  switchToBackup: work('switchToBackup'),
  limitOperations: work('limitOperations'),
};

interface Args {
  readonly context: RecoveryContext;
  readonly event: RecoveryEvent;
}

const takes =
  (path: FailureClass) =>
  ({ context: { trouble } }: Args): boolean =>
    trouble !== undefined && pathOf(trouble) === path;

const isUrgent = (context: RecoveryContext): boolean =>
  context.trouble !== undefined && isCritical(context.trouble, context);

/** Of work that was not done in time. */
const late = { vendor: 'recovery', phase: 'rest', class: 'network', sub: 'stall', retryable: true } as const;

const isFinal = (event: RecoveryEvent): boolean => event.type === 'work.failed' && !event.failure.retryable;

const failureIn = (event: RecoveryEvent): Failure =>
  'failure' in event && event.failure ? event.failure : { ...late, message: 'no result in time' };

/** What costs nothing is answered all the same: to try that says nothing. */
const isUnpaid = ({ trouble }: RecoveryContext): boolean => trouble?.failure?.sub === 'quota';

const stepOf = ({ trouble }: RecoveryContext, box: string) =>
  ({ type: 'recovery.step', box, target: trouble!.target }) as const;

/** In one place, so that each measure of a kind is taken for the same sake: of what recovery is busy with. */
const taken = (context: RecoveryContext, kind: Measure['kind'] | undefined) =>
  context.trouble && kind ? withMeasures(context, [measure(kind, context.trouble.target)]) : {};

export const recoveryChart = setup({
  types: {
    context: {} as RecoveryContext,
    events: {} as RecoveryEvent,
    input: {} as RecoveryInput,
    emitted: {} as RecoveryStep,
  },
  actors: recoveryActors,
  delays: {
    ...delaysMs,
    /** The longest: chance shortens it, where there is any. */
    recoveryBackoff: ({ context }: { readonly context: RecoveryContext }) => backoffMs(context.attempts, 1),
  },
  guards: {
    allPassed: ({ event }: Args) => event.type === 'health.checked' && event.failing.length === 0,
    isQueued: ({ context }: Args) => context.queue.length > 0,
    isMended: ({ context, event }: Args) =>
      event.type === 'status.changed' && event.status === 'healthy' && event.target === context.trouble?.target,
    takesAuth: takes('auth'),
    takesApi: takes('api'),
    takesSip: takes('sip'),
    isApiSpent: ({ context }: Args) => context.attempts >= mostAttempts.api || isUnpaid(context),
    isNetworkSpent: ({ context }: Args) =>
      context.attempts >= (isUrgent(context) ? mostAttempts.urgent : mostAttempts.network),
    isCritical: ({ context }: Args) => isUrgent(context),
    isOutranked: ({ context }: Args) => isOutranked(context),
    isOpen: ({ context }: Args) => context.incidents.length > 0,
    isCalm: ({ context }: Args) => context.measures.length === 0,
  },
  actions: {
    noteStatus: assign(({ context, event }) => (event.type === 'status.changed' ? withStatus(context, event) : {})),
    noteFailing: assign(({ context, event }) =>
      event.type === 'health.checked' ? withFailing(context, event.failing, event.at) : {},
    ),
    queueForgotten: assign(({ context }) => withForgotten(context)),
    takeNext: assign(({ context }) => withNext(context)),
    putBack: assign(({ context }) => withoutTurn(context)),
    closeTrouble: assign({ trouble: undefined, attempts: 0 }),
    /** What would fail again for certain is not tried again. */
    countAttempt: assign({
      attempts: ({ context, event }) => (isFinal(event) ? mostAttempts.network : context.attempts + 1),
    }),
    openIncident: assign(({ context }) => withIncident(context)),
    noteVerdict: assign(({ context, event }) =>
      event.type === 'health.checked' ? withVerdict(context, event.failing, event.at) : {},
    ),
    tellDone: emit(({ context, event }, { box }: { readonly box: string }) => ({
      ...stepOf(context, box),
      ...(event.type === 'work.done' && { did: event.did }),
    })),
    tellFailed: emit(({ context, event }, { box }: { readonly box: string }) => ({
      ...stepOf(context, box),
      failure: failureIn(event),
    })),
    takeDetour: assign(({ context }) => taken(context, context.trouble && detourOf(context.trouble.target))),
    takeFailsafe: assign(({ context }) => taken(context, 'failsafe')),
    takeLimits: assign(({ context }) => taken(context, 'limited')),
    endFailsafe: assign(({ context }) => ({
      measures: context.measures.map((each) =>
        each.kind === 'failsafe' && each.target === context.trouble?.target ? { ...each, isOver: true } : each,
      ),
    })),
    adoptPosture: assign(({ context, event }) =>
      event.type === 'posture.found' ? withMeasures(context, measuresOf(event.posture)) : {},
    ),
    liftMeasures: assign(({ context }) => withoutLiftable(context)),
    tellTaken: raise({ type: 'measure.taken' }),
    tellReviewed: raise({ type: 'measures.reviewed' }),
  },
});
