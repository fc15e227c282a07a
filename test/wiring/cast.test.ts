import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startEmulators } from '../../emulators/all.ts';
import { agent, cartesia, nova, openai } from '../../src/agent.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { readyCast } from '../../src/wiring/cast.ts';

const threw = (error: unknown) => expect.unreachable(String(error));

test('an agent whose stored phrases cannot be opened lets go of the vendors that it has connected to', async () => {
  const emulators = await startEmulators();
  const dataDir = await mkdtemp(join(tmpdir(), 'voicechart-cast-'));
  onTestFinished(async () => {
    await emulators.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  await writeFile(join(dataDir, 'clips'), 'no folder');
  const reading = readConfig({
    ...emulators.env,
    LIVEKIT_URL: 'ws://127.0.0.1:1',
    LIVEKIT_API_KEY: 'key',
    LIVEKIT_API_SECRET: 'a-secret-that-is-long-enough-for-livekit',
    DATA_DIR: dataDir,
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const tester = agent({
    name: 'tester',
    language: ['en'],
    ears: [nova()],
    model: [openai('gpt-5.4-mini')],
    voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091')],
    disclosure: 'I am an AI.',
    greeting: 'How can I help?',
    instructions: 'You answer briefly.',
  });
  const { config, secrets } = reading;
  await expect(readyCast(tester, config, secrets, { clock: systemClock, threw })).rejects.toThrow(/EEXIST|ENOTDIR/);
  const { journal } = emulators.openai;
  expect(journal.entries({ type: 'connection.opened' })).toHaveLength(1);
  await journal.waitFor(({ type }) => type === 'connection.closed');
});
