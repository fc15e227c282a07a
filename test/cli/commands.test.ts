import { describe, expect, it } from 'vitest';
import { runCommand } from '../../src/cli/commands.ts';
import { runCli, widthOf } from '../support/cli.ts';

const run = (...args: string[]) => runCli({ run: runCommand }, args);
const names = [...(await run('--help')).out.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name]) => name!);

describe('the command line', () => {
  it('has a word for each thing a person does', () => {
    expect(names.slice(0, 3)).toEqual(['start', 'dev', 'doctor']);
    expect(names.toSorted()).toEqual([
      'alerts',
      'api-keys',
      'calls',
      'dev',
      'doctor',
      'keys',
      'recovery',
      'security',
      'sip',
      'start',
      'token',
    ]);
  });

  it.each(names)('%s: its help fits a terminal, and says how it ends', async (name) => {
    const { code, out, notes } = await run(name, '--help');
    expect([code, notes, widthOf(out) <= 80]).toEqual([0, '', true]);
    expect(out).toMatch(new RegExp(`^Usage: voicechart ${name}`));
    for (const word of ['--json', '--help', 'Exit codes:', '64']) expect(out).toContain(word);
  });

  it.each(names)('%s: an option that it does not have is 64', async (name) => {
    expect(await run(name, '--no-such-option')).toMatchObject({ code: 64, out: '' });
  });
});
