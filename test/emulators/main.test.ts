import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';

const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(...args: string[]) {
  const child = spawn(process.execPath, ['emulators/main.ts', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const lines = createInterface({ input: child.stdout });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const error = new Promise<string>((resolve) => child.stderr.setEncoding('utf8').once('data', resolve));
  return { child, ended, error, firstLine: () => lines[Symbol.asyncIterator]().next() };
}

it('runs all vendors alone, tells where they are, and leaves nothing behind', async () => {
  const { child, ended, firstLine } = start('--json');
  const { env, control } = JSON.parse((await firstLine()).value as string) as Record<string, Record<string, string>>;
  expect(Object.keys(env!).filter((name) => name.endsWith('_API_KEY'))).toEqual([
    'DEEPGRAM_API_KEY',
    'OPENAI_API_KEY',
    'GROQ_API_KEY',
    'CARTESIA_API_KEY',
  ]);
  const models = await fetch(`${env!.OPENAI_BASE_URL}/models`, {
    headers: { authorization: `Bearer ${env!.OPENAI_API_KEY}` },
  });
  expect(models.status).toBe(200);
  expect(await readFile(env!.CARTESIA_CA_FILE!, 'utf8')).toContain('BEGIN CERTIFICATE');
  const journals = await Promise.all(Object.values(control!).map((url) => fetch(`${url}/journal`)));
  expect(journals.map((journal) => journal.status)).toEqual([200, 200, 200]);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(existsSync(env!.CARTESIA_CA_FILE!)).toBe(false);
  await expect(fetch(env!.DEEPGRAM_BASE_URL!)).rejects.toThrow('fetch failed');
});

it('names an option that there is not', async () => {
  const { ended, error } = start('--prot', '5');
  expect(await error).toContain("'--prot'");
  expect(await ended).toBe(64);
});
