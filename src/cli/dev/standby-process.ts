import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export type ToStandby = { readonly type: 'begin' };
export type FromStandby =
  | { readonly type: 'ready' }
  | { readonly type: 'unfit'; readonly problems: readonly string[] }
  /** From the instance itself. */
  | { readonly type: 'started'; readonly api: string };

/** An instance in a process of its own, first on standby. */
export interface StandbyProcess {
  /** What keeps it from being begun; none when it is ready. */
  prepare(): Promise<readonly string[]>;
  /** Resolves with the address of its API when it takes calls; with nothing when it ended before. */
  begin(): Promise<string | undefined>;
  /** Asks it to stop; its calls are in the store then. Resolves when it is gone. Idempotent. */
  stop(): Promise<void>;
  readonly gone: Promise<number | null>;
}

const file = fileURLToPath(new URL(`./standby${import.meta.url.slice(-3)}`, import.meta.url));
const stopsWithinMs = 10_000;

export function startStandby(env: Readonly<Record<string, string | undefined>>): StandbyProcess {
  // A group of its own: Ctrl-C is for the one that watches, which then asks this one.
  const child = fork(file, [], { env: { ...env }, execArgv: ['--max-semi-space-size=4'], detached: true });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  child.once('error', () => child.kill('SIGKILL'));
  return {
    gone,
    async prepare() {
      const news = await next(child, gone, ['ready', 'unfit']);
      if (news === undefined) return ['it ended before it was ready; what it said stands above'];
      return news.type === 'unfit' ? news.problems : [];
    },
    async begin() {
      child.send({ type: 'begin' } satisfies ToStandby, () => undefined);
      const news = await next(child, gone, ['started']);
      return news?.type === 'started' ? news.api : undefined;
    },
    async stop() {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), stopsWithinMs);
      await gone;
      clearTimeout(kill);
    },
  };
}

function next(
  child: ChildProcess,
  gone: Promise<unknown>,
  types: readonly FromStandby['type'][],
): Promise<FromStandby | undefined> {
  return new Promise((resolve) => {
    const take = (message: FromStandby): void => {
      if (!types.includes(message.type)) return;
      child.off('message', take);
      resolve(message);
    };
    child.on('message', take);
    void gone.then(() => resolve(undefined));
  });
}
