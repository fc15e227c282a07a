import { fork, type ChildProcess } from 'node:child_process';
import { createEventBook } from './event-book.ts';
import type { FromPhones, ToPhones } from './protocol.ts';
import type { Phone, PhoneCommands, PhoneOptions, PhoneParts } from './types.ts';

/** A process of its own that holds phones: rtc-node has one receiver of events in a process. */
export interface PhoneProcess {
  readonly pid: number;
  /** Resolves when the process has ended, whoever ended it. */
  readonly gone: Promise<void>;
  /** As `createPhone` of `phone.ts`; the phone is used as if it were here. About ten phones a process. */
  createPhone(options: PhoneOptions, parts?: Pick<PhoneParts, 'onEvent'>): Promise<Phone>;
  /** Hangs up every phone and ends the process. Idempotent. */
  close(): Promise<void>;
}

const commandNames: readonly (keyof PhoneCommands)[] = [
  'speak',
  'sayWords',
  'playWav',
  'hush',
  'sendDigits',
  'hangUp',
  'tell',
  'pickUp',
  'leave',
  'hearKey',
  'stopMedia',
  'resumeMedia',
  'dropLine',
  'recording',
];

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Resolves when the process is ready to call. It ends when this process does, even by SIGKILL. */
export async function startPhoneProcess(): Promise<PhoneProcess> {
  const file = new URL(`./child${import.meta.url.slice(-3)}`, import.meta.url);
  const child = fork(file, [], {
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const books = new Map<number, ReturnType<typeof createEventBook>>();
  const waiting = new Map<number, Waiting>();
  let requests = 0;

  child.on('message', (message: FromPhones) => {
    if (message.type === 'event') return books.get(message.phone)?.note(message.event);
    if (message.type === 'ready') return;
    const { resolve, reject } = waiting.get(message.request) ?? {};
    waiting.delete(message.request);
    if (message.type === 'done') resolve?.(message.value);
    else reject?.(new Error(message.message));
  });
  child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the process of the phones has ended'));
    waiting.clear();
    for (const { view, note } of books.values()) {
      if (view.events().at(-1)?.type !== 'ended') note({ atMs: Date.now(), type: 'ended', reason: 'lost', sip: 'BYE' });
    }
  });

  function ask(message: (request: number) => ToPhones): Promise<unknown> {
    requests += 1;
    const request = requests;
    return new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error('the process of the phones has ended'));
      waiting.set(request, { resolve, reject });
      return child.send(message(request), (error) => error && waiting.get(request)?.reject(error));
    });
  }

  async function createPhone(options: PhoneOptions, parts: Pick<PhoneParts, 'onEvent'> = {}): Promise<Phone> {
    const phone = books.size + 1;
    const book = createEventBook();
    if (parts.onEvent) book.view.onEvent(parts.onEvent);
    books.set(phone, book);
    const made = await ask((request) => ({ type: 'create', request, phone, options }));
    const command =
      (name: keyof PhoneCommands) =>
      (...args: readonly unknown[]) =>
        ask((request) => ({ type: 'command', request, phone, name, args }));
    const commands = Object.fromEntries(commandNames.map((name) => [name, command(name)])) as unknown as PhoneCommands;
    return { ...book.view, ...commands, ...(made as Pick<Phone, 'identity' | 'sid' | 'callId'>), room: options.room };
  }

  // While it loads it hears of nothing, not even of our end.
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  await ready(child).finally(() => process.off('exit', kill));
  return {
    pid: child.pid ?? 0,
    gone,
    createPhone,
    async close() {
      if (child.connected) child.send({ type: 'close' } satisfies ToPhones, () => {});
      await gone;
    },
  };
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the process of the phones ended at once, code ${code}`)));
    child.once('error', reject);
  });
}
