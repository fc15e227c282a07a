import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Emulators } from '../../emulators/all.ts';
import { atEnd, endNow } from '../../tools/lib/owned.ts';

/** What a session of LiveKit Agents tells of itself; see `livekit-agents/session.mjs`. */
export interface PeerEvent {
  readonly type: 'ready' | 'said' | 'sound.began' | 'sound.ended' | 'heard.word' | 'state' | 'closed' | 'error';
  readonly atMs: number;
  readonly text?: string;
  readonly message?: string;
}

/** A session of the peer with the emulated vendors, in a process of its own. */
export interface PeerSession {
  readonly events: readonly PeerEvent[];
  say(text: string): void;
  /** The first event, past or to come, that fits; nothing when none comes in time or the session ends before. */
  when(fits: (event: PeerEvent) => boolean, withinMs: number): Promise<PeerEvent | undefined>;
  stop(): Promise<void>;
}

const script = fileURLToPath(new URL('livekit-agents/session.mjs', import.meta.url));
const startWithinMs = 30_000;

/** Rejects when it does not come up. It ends with this process, however that ends. */
export async function startPeer(emulators: Emulators, ears: 'nova' | 'flux'): Promise<PeerSession> {
  const child = fork(script, [], {
    env: environmentOf(emulators, ears),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const release = atEnd(() => endNow(child.pid));
  const session = sessionOf(child);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
    release();
  };
  if (await session.when(({ type }) => type === 'ready', startWithinMs)) return { ...session, stop };
  await stop();
  throw new Error('LiveKit Agents did not start a session');
}

const environmentOf = ({ env, deepgram, cartesia }: Emulators, ears: string): NodeJS.ProcessEnv => ({
  ...process.env,
  ...env,
  NODE_ENV: 'production',
  NODE_EXTRA_CA_CERTS: cartesia.caFile,
  DEEPGRAM_WS_URL: deepgram.httpUrl.replace(/^http/, 'ws'),
  PEER_EARS: ears,
});

function sessionOf(child: ChildProcess): Omit<PeerSession, 'stop'> {
  const events: PeerEvent[] = [];
  const waiting = new Set<() => void>();
  let over = false;
  const wake = () => waiting.forEach((look) => look());
  child.on('message', (event: PeerEvent) => {
    events.push(event);
    wake();
  });
  child.once('exit', () => {
    over = true;
    wake();
  });
  const when: PeerSession['when'] = (fits, withinMs) =>
    new Promise((resolve) => {
      const settle = (event: PeerEvent | undefined) => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve(event);
      };
      const look = () => {
        const found = events.find(fits);
        if (found || over) settle(found);
      };
      const timer = setTimeout(() => settle(undefined), withinMs);
      waiting.add(look);
      look();
    });
  return { events, when, say: (text) => void (child.connected && child.send({ say: text })) };
}
