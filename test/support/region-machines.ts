import { type AnyStateMachine, assign, sendTo } from 'xstate';
import { bareCall } from '../../src/machines/call/call.machine.ts';
import { type CallContext, freshContext } from '../../src/machines/call/context.ts';
import { leaving } from '../../src/machines/call/leaving.ts';
import { questionFor } from '../../src/machines/call/question.ts';
import { chart } from '../../src/machines/call/setup.ts';
import { freshReply, type ReplyContext } from '../../src/machines/reply/context.ts';
import { createAlerting } from '../../src/machines/alert/alert.machine.ts';
import { createEgress } from '../../src/machines/egress/egress.machine.ts';
import { bareReply } from '../../src/machines/reply/reply.machine.ts';
import { replyChart } from '../../src/machines/reply/setup.ts';
import { createKeeping } from '../../src/machines/keeping/keeping.machine.ts';
import { createReconciler } from '../../src/machines/reconciler/reconciler.machine.ts';
import { createRecovery } from '../../src/machines/recovery/recovery.machine.ts';
import { recoveryActors } from '../../src/machines/recovery/setup.ts';
import { createToken } from '../../src/machines/token/token.machine.ts';
import { createWorker } from '../../src/machines/worker/worker.machine.ts';
import { hotel } from './call-harness.ts';
import { inert } from './walk-life.ts';

const callInput = { callKey: 'room~SCL_1', room: 'room', epoch: 1, agent: hotel, now: 0 };

const callActors = {
  joinRoom: inert,
  hangUp: inert,
  dial: inert,
  findLeg: inert,
  transfer: inert,
  watchVoice: inert,
  transcribe: inert,
  play: inert,
  record: inert,
  reply: inert,
};

/** A call of some regions only, from this context on. A walk that has come to `leaving` may begin again. */
export function callOf(regions: Record<string, object>, from: Partial<CallContext> = {}): AnyStateMachine {
  const begun = (): CallContext => ({ ...freshContext(callInput), ...from });
  return chart
    .createMachine({
      id: 'call',
      context: begun,
      initial: 'live',
      output: bareCall.config.output as never,
      on: { ...bareCall.config.on, 'test.again': { target: '.live', actions: assign(begun) } } as never,
      states: { live: { type: 'parallel', states: regions }, leaving, ended: { type: 'final' } },
    })
    .provide({ actors: callActors as never });
}

const calls = new WeakMap<AnyStateMachine, AnyStateMachine>();

/** A call that does nothing but have this reply. */
export function withReply(reply: AnyStateMachine): AnyStateMachine {
  const call = calls.get(reply) ?? callAround(reply);
  calls.set(reply, call);
  return call;
}

const callAround = (reply: AnyStateMachine): AnyStateMachine =>
  callOf({
    conversation: chart.createStateConfig({
      initial: 'replying',
      states: {
        replying: {
          entry: 'beginTurn',
          invoke: { id: 'reply', src: 'reply', input: ({ context }: { context: CallContext }) => questionFor(context) },
          on: Object.fromEntries(
            ['reply.confirm', 'reply.starved'].map((type) => [type, { actions: sendTo('reply', { type } as never) }]),
          ),
        },
      },
    }),
  }).provide({ actors: { reply: reply as never } });

/** The reply machine, from this context on. */
export const replyOf = (from: Partial<ReplyContext>): AnyStateMachine =>
  replyChart
    .createMachine({
      ...(bareReply.config as object),
      context: () => ({ ...freshReply(questionFor({ ...freshContext(callInput), turn: 1, ask: 'answer' })), ...from }),
    } as never)
    .provide({ actors: { think: inert, speak: inert, runTools: inert, playClip: inert } as never }) as never;

/** The machine of a token. */
export const inertToken: AnyStateMachine = createToken({
  drawToken: inert,
  signToken: inert,
  readToken: inert,
  withdrawToken: inert,
  deliverToken: inert,
  removeParticipant: inert,
} as never);

/** The machine of alerting. */
export const inertAlerting: AnyStateMachine = createAlerting({
  sendAlerts: inert,
  beatHeart: inert,
  measureLimits: inert,
} as never);

/** The machine of the reconciler. */
export const inertReconciler: AnyStateMachine = createReconciler({
  compareRooms: inert,
  repairCalls: inert,
  clearRooms: inert,
} as never);

/** The machine of a keeper. */
export const inertKeeping: AnyStateMachine = createKeeping({ write: inert } as never);

/** The machine of a worker. */
export const inertWorker: AnyStateMachine = createWorker({ runWorker: inert } as never);

/** The machine of an egress. */
export const inertEgress: AnyStateMachine = createEgress({
  startEgress: inert,
  findEgress: inert,
  stopEgress: inert,
} as never);

/** The machine of recovery. */
export const inertRecovery: AnyStateMachine = createRecovery(
  Object.fromEntries(Object.keys(recoveryActors).map((name) => [name, inert])) as never,
  () => 1,
);
