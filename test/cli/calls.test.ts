import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryLog } from '../../src/adapters/memory/call-log.ts';
import { calls } from '../../src/cli/calls.ts';
import { systemClock } from '../../src/clock.ts';
import { callRoutes } from '../../src/http/calls.ts';
import { createGuard } from '../../src/http/guard.ts';
import { listen, type Listener } from '../../src/http/listen.ts';
import { outboundRoutes } from '../../src/http/outbound.ts';
import type { CallLog } from '../../src/runtime/call-log.ts';
import type { Calls } from '../../src/runtime/calls.ts';
import { followLog } from '../../src/runtime/follow-log.ts';
import type { Outbound, OutboundAnswer } from '../../src/runtime/outbound.ts';
import { freeTcpPort } from '../../tools/lib/ports.ts';
import { memoryAccess } from '../support/access.ts';
import { endedEntry, lineEntry, started, turnEntry } from '../support/call-drafts.ts';
import { runCli, widthOf } from '../support/cli.ts';
import { doorOf } from '../support/door.ts';

let log: CallLog;
let door: Listener;
let env: Record<string, string>;
let told: unknown[];
let ordered: unknown[];
let answer: OutboundAnswer;

const callsOf = (): Calls => ({
  list: (options) => log.calls(options),
  async get(id) {
    const summary = await log.summary(id);
    return summary && { ...summary, live: summary.endedAt === undefined };
  },
  entries: (id, options) => followLog(log, id, options),
  async command(id, command) {
    told.push([id, command]);
    const summary = await log.summary(id);
    return summary === undefined ? 'unknown' : summary.endedAt === undefined ? 'taken' : 'ended';
  },
});

const outbound: Outbound = {
  async call(request) {
    ordered.push(request);
    return answer;
  },
};

beforeEach(async () => {
  log = createMemoryLog();
  [told, ordered, answer] = [[], [], { is: 'dialing', callKey: 'out-1' }];
  const access = memoryAccess(systemClock);
  const { text } = await access.keys.create({ name: 'ada', role: 'operator' });
  const routes = [...callRoutes({ calls: callsOf(), clock: systemClock }), ...outboundRoutes({ outbound })];
  const app = doorOf(routes, { guard: createGuard(access) });
  door = await listen(app, { setting: 'API_ADDR', address: { host: '127.0.0.1', port: 0 }, clock: systemClock });
  env = { API_ADDR: `127.0.0.1:${door.address.port}`, VOICECHART_API_KEY: text };
});
afterEach(() => door.close({ graceMs: 0 }));

async function run(args: readonly string[], settings: Readonly<Record<string, string>> = env, signal?: AbortSignal) {
  const ran = await runCli(calls, args, settings, signal);
  expect(ran.out + ran.notes).not.toContain(env['VOICECHART_API_KEY']);
  return ran;
}

const append = (id: string, ...drafts: Parameters<CallLog['append']>[2]) => log.append(id, 1, drafts);

describe('voicechart calls', () => {
  it('help fits a terminal and names every verb', async () => {
    const { code, out } = await run(['-h']);
    expect([code, widthOf(out) <= 80]).toEqual([0, true]);
    for (const word of ['list', 'show', 'follow', 'say', 'transfer', 'hang-up', 'dial', '--json', '69', '77'])
      expect(out).toContain(word);
  });

  it('list: newest first, those that go on alone with --live', async () => {
    expect((await run(['list'])).out).toBe('There are no calls.\n');
    await append('old', started(), endedEntry(5010));
    await append('new', started(100), turnEntry(1));
    const { out } = await run(['list']);
    expect(out).toMatch(
      /^new\n {2}01-01 00:00 {2}receptionist {4}\+15550123 .*goes on, 1 turns\nold\n.*caller hung up, 5 s, 0 turns\n$/,
    );
    expect((await run(['list', '--live'])).out).toMatch(/^new\n/);
    expect(JSON.parse((await run(['list', '--json', '--limit', '1'])).out).calls).toMatchObject([{ callKey: 'new' }]);
  });

  it('show: what was said so far, of a call that goes on too', async () => {
    await append('new', started(), lineEntry('Good morning'), turnEntry(1));
    const { code, out } = await run(['show']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^new\n[^]*agent {3}Good morning ~~lost~~ {2}\(cut\)/)]);
    const { call, lines } = JSON.parse((await run(['show', 'new', '--json'])).out);
    expect([call.callKey, lines.length, lines[0].pii.text]).toEqual(['new', 1, 'Good morning']);
  });

  it('follow: goes on until the call ends', async () => {
    await append('new', started());
    const following = run(['follow', 'latest', '--json']);
    await append('new', lineEntry('Good morning'), endedEntry());
    const { code, out } = await following;
    expect([
      code,
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).seq),
    ]).toEqual([0, [1, 2, 3]]);
    expect((await run(['follow', 'new'])).out).toMatch(/call ended: caller hung up\n$/);
  });

  it('follow: asked to stop is 130', async () => {
    await append('new', started());
    const stop = new AbortController();
    const following = run(['follow'], env, stop.signal);
    stop.abort();
    expect((await following).code).toBe(130);
  });

  it('say, transfer and hang-up go to the named call, or to the newest that goes on', async () => {
    await append('live', started());
    await append('over', started(), endedEntry());
    expect(await run(['say', 'One moment.'])).toMatchObject({ code: 0, out: 'live: told\n' });
    await run(['transfer', 'live', 'frontDesk']);
    expect(JSON.parse((await run(['hang-up', '--json'])).out)).toEqual({ call: 'live', taken: 'hang_up' });
    expect(told).toEqual([
      ['live', { type: 'say', text: 'One moment.' }],
      ['live', { type: 'transfer', to: 'frontDesk' }],
      ['live', { type: 'hang_up' }],
    ]);
    expect(await run(['hang-up', 'over'])).toMatchObject({
      code: 1,
      notes: expect.stringMatching(/This call is over\n/),
    });
  });

  it('dial: an order with a name of its own, and the call it became', async () => {
    const order = [
      'dial',
      '--agent',
      'receptionist',
      '--to',
      '+4930123456',
      '--ring',
      '10',
      '--input',
      '{"guest":"Ada"}',
    ];
    expect(await run([...order, '--key', 'the-same-name-again'])).toMatchObject({ code: 0, out: 'out-1\n' });
    expect(ordered).toMatchObject([
      { agent: 'receptionist', to: '+4930123456', ringMs: 10_000, input: { guest: 'Ada' } },
    ]);
    expect(JSON.stringify(ordered)).toContain('the-same-name-again');
    answer = { is: 'not_allowed', allow: ['+43'] };
    const refused = await run([...order, '--json']);
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
      77,
      { result: 'refused', code: 'number_not_allowed' },
    ]);
  });

  it('no key, a wrong one, no instance, and a bad address are told apart', async () => {
    const { VOICECHART_API_KEY: key, ...bare } = env;
    expect(await run(['list'], bare)).toMatchObject({
      code: 77,
      notes: expect.stringMatching(/voicechart api-keys create/),
    });
    expect((await run(['list'], { ...env, VOICECHART_API_KEY: `${key!.slice(0, -4)}AAAA` })).code).toBe(77);
    const nowhere = await run(['list', '--api', `http://127.0.0.1:${await freeTcpPort()}`]);
    expect([nowhere.code, nowhere.notes]).toEqual([
      69,
      expect.stringMatching(/no instance answers at http.*ECONNREFUSED\nStart an instance/),
    ]);
    expect((await run(['list'], { ...env, API_ADDR: 'here' })).code).toBe(78);
  });

  it.each([
    [['lst'], /did you mean list\?/],
    [['say'], /an ID, or none, and TEXT/],
    [['hang-up', 'a', 'b'], /an ID, or none/],
    [['dial', '--to', '+4930123456'], /dial needs --agent and --to/],
    [['dial', '--agent', 'a', '--to', '+4930123456', '--input', '{'], /--input: JSON/],
    [['list', '--limit', 'many'], /--limit N/],
  ])('%j is not understood', async (args, said) => {
    const { code, notes } = await run(args);
    expect([code, notes]).toEqual([64, expect.stringMatching(said)]);
  });

  it('no such call is 1', async () => {
    expect(await run(['show', 'nobody'])).toMatchObject({
      code: 1,
      notes: expect.stringMatching(/There is no such call/),
    });
    expect(await run(['say', 'hello'])).toMatchObject({ code: 1, notes: 'voicechart calls: no call goes on\n' });
  });
});
