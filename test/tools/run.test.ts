import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'));
const script = join(folder, 'script.js');
writeFileSync(script, 'console.log(JSON.stringify(process.argv.slice(1)));\n');
afterAll(() => rmSync(folder, { recursive: true }));

const runner = join(import.meta.dirname, '../../tools/run.js');

/** `tools/run.js` on a Node that says it is this version. */
function runOn(version: string) {
  const fake = `Object.defineProperties(process, { versions: { value: { ...process.versions, node: '${version}' } }, version: { value: 'v${version}' } })`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(fake)}`, runner, 'script.js', '--once', 'more'],
    { cwd: folder, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
}

describe('every npm script', () => {
  it('runs its program with its arguments on the Node that is wanted, and on a newer one', () => {
    const ran = { status: 0, stdout: `${JSON.stringify([script, '--once', 'more'])}\n`, stderr: '' };
    expect(runOn('24.0.0')).toEqual(ran);
    expect(runOn('26.1.0')).toEqual(ran);
  });

  it('says on an older one which is wanted, which came and what to do, and runs nothing', () => {
    const { status, stdout, stderr } = runOn('20.20.2');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr.trim().split('\n')).toEqual([
      'Voicechart runs on Node 24 or newer and this is v20.20.2.',
      expect.stringContaining('its install script did not run'),
      expect.stringContaining('npm ci'),
    ]);
  });
});
