import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { AccessToken } from 'livekit-server-sdk';
import type { RunningServer } from '../../tools/services/livekit-server.ts';
import type { EchoOrder } from './bot.ts';

/** A process of echo bots: what any bot over rtc-node costs at least. */
export interface EchoProcess {
  readonly pid: number;
  /** Resolves when one more bot has joined and published. One at a time. */
  join(room: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startEchoProcess(server: RunningServer): Promise<EchoProcess> {
  const file = new URL(`./bot${import.meta.url.slice(-3)}`, import.meta.url);
  const child = fork(file, [], { execArgv: [], env: { ...process.env, NODE_ENV: 'production' } });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const answer = () =>
    new Promise<void>((resolve, reject) => {
      child.once('message', () => resolve());
      void exited.then(() => reject(new Error('the echo bots have ended')));
    });
  await answer();
  return {
    pid: child.pid ?? 0,
    async join(room) {
      const token = await tokenFor(server, room);
      const joined = answer();
      child.send({ url: server.url, token } satisfies EchoOrder);
      await joined;
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function tokenFor({ apiKey, apiSecret }: RunningServer, room: string): Promise<string> {
  const token = new AccessToken(apiKey, apiSecret, { identity: `echo-${randomBytes(4).toString('hex')}`, ttl: 600 });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true });
  return token.toJwt();
}
