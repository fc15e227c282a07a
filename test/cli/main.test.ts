import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { widthOf } from '../support/cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** As a user of the repository runs it. */
async function npmRun(...args: readonly string[]) {
  const command = promisify(execFile)('npm', ['run', '-s', 'voicechart', '--', ...args], { cwd: root });
  return command.then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
  );
}

describe('npm run -s voicechart', () => {
  it('lists its commands, and what it does not know is 64', async () => {
    const [help, unknown] = await Promise.all([npmRun(), npmRun('sipp', 'diff')]);
    expect([help.code, help.stdout]).toEqual([0, expect.stringMatching(/^Usage: voicechart <command>[^]*\n {2}sip /)]);
    expect(unknown).toMatchObject({ code: 64, stdout: '' });
    expect(unknown.stderr).toMatch(/^voicechart: there is no command "sipp"; did you mean sip\?\n\nUsage: /);
    expect(widthOf(help.stdout)).toBeLessThanOrEqual(80);
  });
});
