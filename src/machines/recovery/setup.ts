import { and, assign, emit, not, raise, setup, stateIn } from 'xstate';
import { unwired } from '../../actors/leaf.ts';
import type { Trouble } from '../../actors/trouble.ts';
import type { Failure, FailureClass } from '../../failure.ts';
import type { Target } from '../../targets.ts';
import { delaysMs } from '../deadlines.ts';
import type { RecoveryContext, RecoveryInput } from './context.ts';
import type { Measure } from '../../posture.ts';
import type { NotLedBack, RecoveryEvent, RecoveryStep } from './events.ts';
import { detourOf, isAvoidable, measure } from './measures.ts';
import {
  isBackupOver,
  withFailing,
  withForgotten,
  withIncident,
  withLines,
  withLinesIncident,
  withMeasures,
  withNext,
  withoutBackup,
  withoutLiftable,
  withoutLinesIncident,
  withoutTurn,
  withOver,
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
  checkBackupSipConfig: work('checkBackupSipConfig'),
  useBackupSipConfig: work('useBackupSipConfig'),
  leadBackSipConfig: work('leadBackSipConfig'),
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

const lines: Target = 'livekit-sip';
const leadsBack = { type: 'recovery.step', box: 'leadingBack', target: lines } as const;

/** In one place, so that each measure of a kind is taken for the same sake: of what recovery is busy with. */
const taken = (context: RecoveryContext, kind: Measure['kind'] | undefined) =>
  context.trouble && kind ? withMeasures(context, [measure(kind, context.trouble.target)]) : {};

export const recoveryChart = setup({
  types: {
    context: {} as RecoveryContext,
    events: {} as RecoveryEvent,
    input: {} as RecoveryInput,
    emitted: {} as RecoveryStep | NotLedBack,
  },
  actors: recoveryActors,
  delays: {
    ...delaysMs,
    /** The longest: chance shortens it, where there is any. */
    recoveryBackoff: ({ context }: { readonly context: RecoveryContext }) => backoffMs(context.attempts, 1),
    leadBackBackoff: ({ context }: { readonly context: RecoveryContext }) => backoffMs(context.returns, 1),
  },
  guards: {
    allPassed: ({ event }: Args) => event.type === 'health.checked' && event.failing.length === 0,
    isQueued: ({ context }: Args) => context.queue.length > 0,
    isMended: ({ context, event }: Args) =>
      event.type === 'status.changed' && event.status === 'healthy' && event.target === context.trouble?.target,
    takesAuth: takes('auth'),
    takesApi: takes('api'),
    takesSip: takes('sip'),
    leadsSip: and(['takesSip', stateIn('#recovery.lead.leading')]),
    isForLeader: and(['takesSip', not(stateIn('#recovery.lead.leading'))]),
    isUnproved: ({ context: { trouble } }: Args) => trouble?.unproved === true && isAvoidable(trouble.target),
    isFoundCalm: ({ event }: Args) => event.type === 'lead.taken' && event.posture.measures.length === 0,
    isBackupOver: ({ context }: Args) => isBackupOver(context),
    isReturnSpent: ({ context }: Args) => context.returns >= mostAttempts.returns,
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
    endFailsafe: assign(({ context }) => withOver(context, 'failsafe')),
    endBackup: assign(({ context }) => withOver(context, 'backupSip')),
    adoptPosture: assign(({ context, event }) =>
      event.type === 'lead.taken' ? withMeasures(context, event.posture.measures) : {},
    ),
    queueLines: assign(({ context }) => withLines(context)),
    liftMeasures: assign(({ context }) => withoutLiftable(context)),
    forgetBackup: assign(({ context }) => withoutBackup(context)),
    forgetReturns: assign({ returns: 0 }),
    countReturn: assign({ returns: ({ context }) => context.returns + 1 }),
    openLines: assign(({ context, event }) =>
      withLinesIncident(context, failureIn(event), 'at' in event ? event.at : 0),
    ),
    closeLines: assign(({ context }) => withoutLinesIncident(context)),
    tellLedBack: emit(({ event }) => ({ ...leadsBack, ...(event.type === 'lines.led_back' && { did: event.did }) })),
    tellNotYet: emit(({ event }) => ({ ...leadsBack, failure: failureIn(event) })),
    tellNotLedBack: emit(({ event }) => ({
      type: 'recovery.not_led_back' as const,
      target: lines,
      failure: failureIn(event),
    })),
    tellTaken: raise({ type: 'measure.taken' }),
    tellReviewed: raise({ type: 'measures.reviewed' }),
  },
});
