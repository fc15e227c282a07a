import { createActor, fromCallback } from 'xstate';
import { expect, test } from 'vitest';
import { type AlertActors, bareAlerting, createAlerting } from '../../src/machines/alert/alert.machine.ts';
import { bareCall, type CallActors, createCall } from '../../src/machines/call/call.machine.ts';
import { bareEgress, createEgress, type EgressActors } from '../../src/machines/egress/egress.machine.ts';
import { bareToken, createToken, type TokenActors } from '../../src/machines/token/token.machine.ts';
import { createRecovery, type RecoveryActors } from '../../src/machines/recovery/recovery.machine.ts';
import { recoveryActors } from '../../src/machines/recovery/setup.ts';
import {
  bareReconciler,
  createReconciler,
  type ReconcilerActors,
} from '../../src/machines/reconciler/reconciler.machine.ts';
import { bareReply, createReply, placeholders, type ReplyActors } from '../../src/machines/reply/reply.machine.ts';

const actor = fromCallback<any, any>(() => undefined);
const reply: ReplyActors = { think: actor, speak: actor, runTools: actor, playClip: actor };
const token: TokenActors = {
  drawToken: actor,
  signToken: actor,
  readToken: actor,
  withdrawToken: actor,
  deliverToken: actor,
  removeParticipant: actor,
};
const egress: EgressActors = { startEgress: actor, findEgress: actor, stopEgress: actor };
const alerting: AlertActors = { sendAlerts: actor, beatHeart: actor, measureLimits: actor };
const reconciler: ReconcilerActors = { compareRooms: actor, repairCalls: actor, clearRooms: actor };
const recovery: RecoveryActors = recoveryActors;
const call: CallActors = {
  joinRoom: actor,
  hangUp: actor,
  dial: actor,
  findLeg: actor,
  transfer: actor,
  watchVoice: actor,
  transcribe: actor,
  play: actor,
  record: actor,
  reply: createReply(reply),
};

// What is held here is held by the compiler: each line below it must be an error, or `tsc` fails.
test('S2 a call with all its actors compiles, one without does not', () => {
  const { hangUp: _, ...forgotten } = call;
  const { think: __, ...unthinking } = reply;
  const { signToken: ___, ...unsigned } = token;
  const { stopEgress: ____, ...endless } = egress;
  const { sendAlerts: _____, ...mute } = alerting;
  const { reconnect: ______, ...cut } = recovery;
  const { clearRooms: _______, ...haunted } = reconciler;
  expect(createAlerting(alerting).id).toBe(bareAlerting.id);
  expect(createEgress(egress).id).toBe(bareEgress.id);
  expect(createCall(call).id).toBe(bareCall.id);
  expect(createReply(reply).id).toBe(bareReply.id);
  expect(createToken(token).id).toBe(bareToken.id);
  expect(createRecovery(recovery, () => 1).id).toBe('recovery');
  expect(createReconciler(reconciler).id).toBe(bareReconciler.id);
  // @ts-expect-error nobody clears
  createReconciler(haunted);
  // @ts-expect-error nobody reconnects
  createRecovery(cut, () => 1);
  // @ts-expect-error nobody tells
  createAlerting(mute);
  // @ts-expect-error nobody ends it
  createEgress(endless);
  // @ts-expect-error nobody signs
  createToken(unsigned);
  // @ts-expect-error an actor was forgotten
  createCall(forgotten);
  // @ts-expect-error a reply without a model
  createReply(unthinking);
  // @ts-expect-error one actor in another's place
  createCall({ ...call, play: createReply(reply) });
  // @ts-expect-error a child machine that was not wired
  createCall({ ...call, reply: bareReply });
});

test('S2 an actor that was not wired says whose turn was forgotten', () => {
  const errors: unknown[] = [];
  const bare = createActor(placeholders.think, { input: { model: '', messages: [], said: '' } });
  bare.subscribe({ error: (error) => errors.push(error) });
  bare.start();
  expect(String(errors[0])).toContain('"think" was not wired');
});
