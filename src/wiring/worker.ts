import { cpuUsage, memoryUsage, pid } from 'node:process';
import { type Clock, systemClock } from '../clock.ts';
import { createHub } from '../runtime/hub.ts';
import type { LineLook } from '../runtime/line-look.ts';
import { createLiveCalls } from '../runtime/live-calls.ts';
import { createLogger, type Logger } from '../runtime/log.ts';
import type { CallNotice } from '../runtime/notices.ts';
import type { FromWorker } from '../runtime/workers/messages.ts';
import { createRemoteRecorders } from '../runtime/workers/recorders.ts';
import { beat, createServing } from '../runtime/workers/serving.ts';
import { createUplink, type Uplink } from '../runtime/workers/uplink.ts';
import { livekitLines } from './call-lines.ts';
import { openPosture } from './care.ts';
import { createHosts } from './hosts.ts';
import { watchKeys } from './keys.ts';
import { tellLeftAlone } from './left-alone.ts';
import { openRunner, type RunnerOptions } from './runner.ts';
import type { Start } from './start.ts';
import { openStores } from './stores.ts';

/** Way to the instance that this process runs calls for. */
export interface Parent {
  /** `sent`: it takes no place here any more. */
  send(message: FromWorker, sent?: () => void): void;
  hear(listener: (message: unknown) => void): void;
  /** Resolves when it asks this process to leave, or is gone. */
  readonly leaving: Promise<void>;
  leave(): void;
}

/** Runs calls for an instance until it is to leave, or the instance is gone. */
export async function runWorkerProcess(start: Start, parent: Parent): Promise<void> {
  const log = createLogger({ level: start.config.logLevel });
  tellLeftAlone(log);
  const parts = { ...start, posture: openPosture(log), clock: systemClock, log };
  const { posture, clock } = parts;
  const lines = await livekitLines({ ...parts, hosts: createHosts(start.config, posture) });
  const keys = watchKeys(start.config, start.secrets, clock, log);
  const stores = await openStores(parts);
  const uplink = uplinkTo(parent, clock, log);
  lines.watch?.(uplink.sighting);
  const stop = new AbortController();
  const calls = createLiveCalls({ log: stores.log, clock, pid });
  const egresses = createRemoteRecorders((message) => parent.send(message));
  const own = { lines, stores, egresses, told: hubsInto(uplink), running: calls, stopping: stop.signal };
  const runner = await openRunner({ ...parts, ...own });
  const serving = createServing({
    send: (message) => parent.send(message),
    flush: uplink.flush,
    run: runner.run,
    calls,
    recorders: egresses,
    setPosture: posture.adopt,
    setKey({ vendor, place }) {
      start.secrets.vendors[vendor]?.useAt(place);
      for (const { to, renew } of runner.connections) if (to.includes(vendor)) void renew();
    },
    handOver: () => void runner.handOver(),
    leave: parent.leave,
  });
  parent.hear(serving.hear);
  const failsafe = runner.failsafeHeard();
  parent.send({ type: 'ready', ...(failsafe !== undefined && { failsafe }) });
  const quiet = beat(clock, (message) => parent.send(message), usage);
  await parent.leaving;
  stop.abort();
  await runner.letGo();
  await serving.settled();
  uplink.flush();
  keys.close();
  await runner.close();
  await stores.close();
  await lines.close();
  // Whoever leaves has hung when it has not done so in time, and not before.
  quiet();
}

const uplinkTo = (parent: Parent, clock: Clock, log: Logger): Uplink =>
  createUplink({
    send: (message, sent) => parent.send(message, sent),
    clock,
    dropped: (entries) =>
      log.warn({ code: 'worker.told_late', entries }, 'figures of calls have gaps: the instance did not take them'),
  });

/** What calls of this process tell goes to the one that counts it. */
function hubsInto(uplink: Uplink): RunnerOptions['told'] {
  const notices = createHub<CallNotice>(nobodyThrows);
  const looks = createHub<LineLook>(nobodyThrows);
  notices.listen(uplink.notice);
  looks.listen(uplink.look);
  return { notices, looks };
}

const nobodyThrows = (): void => undefined;

function usage(): { readonly rssBytes: number; readonly cpuMs: number } {
  const { user, system } = cpuUsage();
  return { rssBytes: memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}
