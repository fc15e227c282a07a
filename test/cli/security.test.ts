import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { security as command } from '../../src/cli/security.ts';
import { listen, type Listener } from '../../src/http/listen.ts';
import { securityRoutes } from '../../src/http/security.ts';
import { runCli, widthOf } from '../support/cli.ts';
import { doorOf } from '../support/door.ts';
import { securityBench } from '../support/security-bench.ts';

let listener: Listener;
let bench: ReturnType<typeof securityBench>;

beforeEach(async () => {
  bench = securityBench(systemClock);
  const address = { host: '127.0.0.1', port: 0 };
  const door = doorOf(securityRoutes({ security: bench.security }));
  listener = await listen(door, { address, setting: 'API_ADDR', clock: systemClock });
});
afterEach(() => listener.close());

const run = (...args: readonly string[]) => runCli(command, [...args, '--api', listener.url], {});

describe('voicechart security', () => {
  it('help fits a terminal', async () => {
    const { code, out } = await run('--help');
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
  });

  it('R8.5 blocks lists who is refused, and clear ends it', async () => {
    expect((await run('blocks')).out).toBe('Nobody is refused.\n');
    for (let at = 0; at < 2500; at += 1) bench.security.saw('bad_key', { kind: 'ip', value: `10.0.0.${at % 250}` });
    const { out } = await run('blocks');
    expect(out.split('\n').filter(Boolean)).toHaveLength(250);
    const [block] = JSON.parse((await run('blocks', '--json')).out).blocks;
    expect(await run('clear', block.id)).toMatchObject({ code: 0, notes: 'it may come again\n' });
    expect(await run('clear', block.id)).toMatchObject({ code: 1, notes: expect.stringContaining('No such source') });
    expect(bench.security.list()).toHaveLength(249);
  });

  it('tells how it is written', async () => {
    expect(await run('block')).toMatchObject({ code: 64, notes: expect.stringContaining('did you mean') });
    expect(await run('clear')).toMatchObject({ code: 64 });
    expect(await run('blocks', 'x')).toMatchObject({ code: 64 });
  });
});
