import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoomServiceClient } from 'livekit-server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { findOnPath } from '../../tools/lib/find-on-path.ts';
import { findLivekitServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { startRedis } from '../../tools/services/redis.ts';
import { isAlive } from '../support/is-alive.ts';

const binary = await findLivekitServer();
const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 20_000, interval: 20 });

const gone = async (pids: readonly number[], ports: readonly number[]) => {
  await eventually(() => pids.some(isAlive)).toBe(false);
  for (const port of ports) await eventually(() => answers(port)).toBe(false);
};

describe('livekit-server of our own', () => {
  it('takes our key, and leaves no process and no port when stopped', async () => {
    const server = await startLivekitServer({ binary: binary! });
    running.push(server);
    const { httpUrl, apiKey, apiSecret } = server;
    expect(await new RoomServiceClient(httpUrl, apiKey, apiSecret).listRooms()).toEqual([]);
    await server.stop();
    await server.exited;
    await gone([server.pid], [server.port]);
  });

  it('is not mistaken for a stale one on its port', async () => {
    const stale = await startLivekitServer({ binary: binary! });
    running.push(stale);
    const { port, udpPort } = stale;
    const at = { port, udpPort, apiKey: 'other', apiSecret: 'another secret of thirty-two bytes' };
    await expect(startLivekitServer({ binary: binary!, at })).rejects.toThrow('livekit-server did not start');
    expect(isAlive(stale.pid)).toBe(true);
  });

  it('starts again where it died, with the same key', async () => {
    const first = await startLivekitServer({ binary: binary! });
    await first.stop();
    const second = await startLivekitServer({ binary: binary!, at: first });
    running.push(second);
    expect([second.url, second.apiKey, second.apiSecret]).toEqual([first.url, first.apiKey, first.apiSecret]);
  });

  it('runs in a container of Docker, which is removed by name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
    const command = join(folder, 'docker');
    const server = binary?.from === 'docker' ? 'exit 1' : `exec ${binary!.command}`;
    writeFileSync(command, `#!/bin/sh\necho "$@" >> ${folder}/log\ncase "$1" in run) ${server};; esac\n`, {
      mode: 0o755,
    });
    const container = await startLivekitServer({
      binary: { from: 'docker', command, image: 'livekit/livekit-server' },
    });
    running.push(container);
    await container.stop();
    await gone([container.pid], [container.port]);
    const [run, rm] = readFileSync(join(folder, 'log'), 'utf8').trim().split('\n');
    const name = /--name (\S+)/.exec(run!)![1];
    expect([run, rm]).toEqual([
      `run --rm --name ${name} --network host -e LIVEKIT_CONFIG livekit/livekit-server`,
      `rm --force ${name}`,
    ]);
    rmSync(folder, { recursive: true });
  });

  it('is told apart from a program that is no server', async () => {
    const fake = { from: 'path', command: findOnPath('false')! } as const;
    await expect(startLivekitServer({ binary: fake })).rejects.toThrow(
      'livekit-server did not start: it ended (code 1)',
    );
    const none = { from: 'path', command: '/nonexistent/livekit-server' } as const;
    await expect(startLivekitServer({ binary: none })).rejects.toThrow('livekit-server did not start');
  });
});

describe('redis-server of our own', () => {
  it('answers, and is not mistaken for a stale one on its port', async () => {
    const redis = await startRedis();
    running.push(redis);
    expect(await answers(redis.port)).toBe(true);
    await expect(startRedis({ port: redis.port })).rejects.toThrow('redis-server did not start');
    await redis.stop();
    await gone([redis.pid], [redis.port]);
  });
});

describe('the end of the program that started servers', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', ...(findOnPath('setpriv') ? ['SIGKILL' as const] : [])] as const;

  it.each(signals)('leaves no process, port or folder: %s', async (signal) => {
    const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
    const env = { ...process.env, TMPDIR: folder };
    const holder = spawn(process.execPath, [join(import.meta.dirname, 'fixtures/holder.ts')], { env });
    const [line] = (await once(holder.stdout, 'data')) as [Buffer];
    const { pids, ports } = JSON.parse(line.toString()) as { pids: number[]; ports: number[] };
    expect(await answers(ports[1]!)).toBe(true);
    holder.kill(signal);
    await once(holder, 'exit');
    await gone(pids, ports);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});
