import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { readyCast } from '../../src/wiring/cast.ts';
import { inProcessBed, testerWith } from '../support/in-process-bed.ts';

const threw = (error: unknown) => expect.unreachable(String(error));

test('an agent whose stored phrases cannot be opened lets go of the vendors that it has connected to', async () => {
  const { emulators, config, secrets } = await inProcessBed();
  await writeFile(join(config.dataDir, 'clips'), 'no folder');
  await expect(readyCast(testerWith(), config, secrets, { clock: systemClock, threw })).rejects.toThrow(
    /EEXIST|ENOTDIR/,
  );
  const { journal } = emulators.openai;
  expect(journal.entries({ type: 'connection.opened' })).toHaveLength(1);
  await journal.waitFor(({ type }) => type === 'connection.closed');
});
