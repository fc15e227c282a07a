import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type ToCaller =
  | { readonly type: 'join'; readonly url: string; readonly token: string }
  /** 16 kHz. */
  | { readonly type: 'say'; readonly pcm: Int16Array }
  | { readonly type: 'leave' };

/** `at`: ms since 1970. */
export type FromCaller =
  | { readonly type: 'ready' }
  | { readonly type: 'joined'; readonly at: number; readonly sid: string }
  | { readonly type: 'sound'; readonly at: number }
  | { readonly type: 'quiet'; readonly at: number }
  | { readonly type: 'said'; readonly at: number }
  | { readonly type: 'failed'; readonly message: string };

type Fact<Type extends FromCaller['type']> = Extract<FromCaller, { readonly type: Type }>;

/** A participant who calls, in a process of its own: rtc-node serves one end of a call in a process. */
export interface TestCaller {
  send(message: ToCaller): void;
  /**
   * The next fact of this kind that was not given out yet. Rejects when the caller failed, when it has not come within
   * `withinMs` (the message says `what` was waited for), or when the signal aborts.
   */
  next<Type extends FromCaller['type']>(type: Type, withinMs: number, what: string): Promise<Fact<Type>>;
  /** Leaves the room and ends the process. Idempotent. */
  close(): Promise<void>;
}

const file = fileURLToPath(new URL(`./caller-process${import.meta.url.slice(-3)}`, import.meta.url));
const goneWithinMs = 3000;

export function startCaller(signal: AbortSignal): TestCaller {
  const child = fork(file, [], {
    serialization: 'advanced',
    execArgv: [],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const facts: FromCaller[] = [];
  const waiting = new Set<() => void>();
  const take = (fact: FromCaller): void => {
    facts.push(fact);
    for (const look of waiting) look();
  };
  child.on('message', take);
  child.on('error', (error) => take({ type: 'failed', message: error.message }));
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void gone.then(() => take({ type: 'failed', message: 'its process ended' }));

  function next<Type extends FromCaller['type']>(type: Type, withinMs: number, what: string): Promise<Fact<Type>> {
    const { promise, resolve, reject } = Promise.withResolvers<Fact<Type>>();
    const look = (): void => {
      const at = facts.findIndex((fact) => fact.type === type || fact.type === 'failed');
      const [fact] = at < 0 ? [] : facts.splice(at, 1);
      if (fact?.type === type) resolve(fact as Fact<Type>);
      else if (fact?.type === 'failed') reject(new Error(`the caller: ${fact.message}`));
    };
    const timer = setTimeout(() => reject(new Error(`${what}, within ${withinMs / 1000} s`)), withinMs);
    const stop = (): void => reject(new Error('stopped'));
    signal.addEventListener('abort', stop);
    waiting.add(look);
    look();
    return promise.finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      waiting.delete(look);
    });
  }

  return {
    next,
    send: (message) => void (child.connected && child.send(message, () => undefined)),
    async close() {
      const kill = setTimeout(() => child.kill('SIGKILL'), goneWithinMs);
      if (child.connected) child.send({ type: 'leave' } satisfies ToCaller, () => undefined);
      await gone;
      clearTimeout(kill);
    },
  };
}
