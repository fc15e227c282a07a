import { type AnyActorLogic, createActor, createMachine } from 'xstate';
import { expect, onTestFinished, test } from 'vitest';
import { checkHealth, type HealthCheck, initializeComponents } from '../../src/actors/check-health.ts';
import { diagnose } from '../../src/actors/diagnose.ts';
import { escalate } from '../../src/actors/escalate.ts';
import { mendAccess } from '../../src/actors/mend-access.ts';
import { mendApi } from '../../src/actors/mend-api.ts';
import { mendNetwork } from '../../src/actors/mend-network.ts';
import { mendSip } from '../../src/actors/mend-sip.ts';
import type { Trouble, Work } from '../../src/actors/trouble.ts';
import type { Failure } from '../../src/failure.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';

const clock = createVirtualClock(5);
const failure: Failure = { vendor: 'openai', phase: 'rest', class: 'auth', retryable: false, message: 'refused' };
const trouble: Trouble = { target: 'openai', failure, since: 3 };

/** Runs an actor under a machine that only notes what it reports. */
function running(src: AnyActorLogic, input: unknown) {
  const facts: unknown[] = [];
  const machine = createMachine({ invoke: { src, input }, on: { '*': { actions: ({ event }) => facts.push(event) } } });
  const actor = createActor(machine);
  actor.start();
  onTestFinished(() => void actor.stop());
  return { facts, stop: () => void actor.stop() };
}

const named =
  (name: string): Work =>
  async ({ target }) => ({ did: `${name} ${target}` });

const names = <Name extends string>(...list: Name[]) =>
  Object.fromEntries(list.map((name) => [name, named(name)])) as Record<Name, Work>;

/** Every piece of work there is, by its actor, each saying its own name. */
function everything() {
  return {
    ...mendAccess(names('refreshToken', 'retry'), clock),
    ...mendApi(names('checkStatus', 'retry', 'useFallback'), clock),
    ...mendSip(
      names('checkConfig', 'reloadConfig', 'testConnection', 'checkBackup', 'useBackupConfig', 'leadBack'),
      clock,
    ),
    ...mendNetwork(names('check', 'reconnect'), clock),
    ...diagnose(names('logDetails', 'autoFix'), clock),
    ...escalate(names('sendAlert', 'activateFailsafe', 'switchToBackup', 'limitOperations'), clock),
  };
}

test.each(Object.entries(everything()))('%s is work of its own, and says once what it did', async (actor, src) => {
  const { facts } = running(src, trouble);
  await clock.settle();
  const word = actor
    .replace(/Access$|Api$/, '')
    .replace(/(Back|Backup)SipConfig$/, (whole, name) => (actor.startsWith('use') ? whole : name))
    .replace('Sip', '')
    .replace('checkNetwork', 'check');
  const type = actor === 'leadBackSipConfig' ? 'lines.led_back' : 'work.done';
  expect(facts).toEqual([{ type, did: `${word} openai`, at: 5 }]);
});

test('what does not go is a failure, and what was stopped says nothing', async () => {
  const signals: AbortSignal[] = [];
  const refused: Work = async (_trouble, { signal }) => (signals.push(signal), failure);
  const { refreshToken } = mendAccess({ refreshToken: refused, retry: refused }, clock);
  const [there, stopped] = [running(refreshToken, trouble), running(refreshToken, trouble)];
  stopped.stop();
  await clock.settle();
  expect(there.facts).toEqual([{ type: 'work.failed', failure, at: 5 }]);
  expect(stopped.facts).toEqual([]);
  expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
});

test('D8.1 that all is open is one fact, that something is not is another, and who fails is told by name', async () => {
  const health = (broken: Failure | undefined): HealthCheck => ({
    initialized: async () => broken,
    probe: async (targets) => (targets === 'all' ? [] : targets.map((target) => ({ target, failure }))),
  });
  const open = running(initializeComponents(health(undefined), clock), undefined);
  const shut = running(initializeComponents(health(failure), clock), undefined);
  const probed = running(checkHealth(health(undefined), clock), { targets: ['openai'] });
  await clock.settle();
  expect(open.facts).toEqual([{ type: 'components.initialized', at: 5 }]);
  expect(shut.facts).toEqual([{ type: 'components.failed', failure, at: 5 }]);
  expect(probed.facts).toEqual([{ type: 'health.checked', failing: [{ target: 'openai', failure }], at: 5 }]);
});
