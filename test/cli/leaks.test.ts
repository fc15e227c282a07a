import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActor, createMachine, type InspectionEvent } from 'xstate';
import { listen } from '../../emulators/kit/front.ts';
import { refusalError, transportError } from '../../src/adapters/livekit/api/errors.ts';
import { joinFailure } from '../../src/adapters/livekit/failures.ts';
import { allowed } from '../../src/adapters/stately/allow.ts';
import { keys } from '../../src/cli/keys.ts';
import { sip } from '../../src/cli/sip.ts';
import { redact } from '../../src/failure.ts';
import { problem, problemOf } from '../../src/http/problem.ts';
import { createLogger } from '../../src/runtime/log.ts';
import { runCli } from '../support/cli.ts';
import * as fc from '../support/properties.ts';

const rpc = { service: 'SIP', method: 'ListSIPInboundTrunk' };
/** Parts of what nobody may see. */
const canaries = ['eyJpc3MiOiJjYW5hcnkiLCJzdWIiOiJhZGEifQ', 'CANARYsignature0123456789', 'CANARYpassword'];
const jwt = `eyJhbGciOiJIUzI1NiJ9.${canaries[0]}.${canaries[1]}`;

/** A password as anybody may have chosen it, but for what would end it in the form it is printed in. */
const password = fc
  .constantFrom('', ' and more', '", "x', "\\'", '}{', ':=', 'ж')
  .map((rest) => `CANARYpassword${rest}`);
const name = fc.constantFrom('turnPassword', 'turn_password', 'auth_password', 'authPassword', 'AuthPassword');

/** How a server, or what stands before it, may print a credential. */
const leak = fc.oneof(
  fc.constant(`invalid token: ${jwt}`),
  fc.constant(`?access_token=${jwt}&x=1`),
  fc.integer({ min: 40, max: jwt.length }).map((cut) => `Bearer ${jwt.slice(0, cut)}`),
  fc.tuple(name, password).map(([key, value]) => JSON.stringify({ rooms: [{ [key]: value, name: 'one' }] })),
  fc.tuple(name, password).map(([key, value]) => JSON.stringify(JSON.stringify({ [key]: value, name: 'one' }))),
  fc.tuple(name, password).map(([key, value]) => encodeURIComponent(JSON.stringify({ [key]: value }))),
  fc.tuple(name, password).map(([key, value]) => `${key}: ${value}`),
  fc.tuple(name, password).map(([key, value]) => `${key}=${value}`),
  fc.tuple(name, password).map(([key, value]) => `{${key}:${value} Name:one}`),
);
const noise = fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('x'.repeat(280), '"', '\\', '{"', ' \n', 'é'));
const said = fc.tuple(noise, leak, noise, leak).map((parts) => parts.join(' '));

function expectNone(text: string): void {
  const texts = [text, decodeURIComponent(safe(text))];
  expect(canaries.filter((canary) => texts.some((each) => each.includes(canary)))).toEqual([]);
}
const safe = (text: string) => text.replaceAll(/%(?![\da-f]{2})/gi, '%25').replaceAll(/%[89a-f][\da-f]/gi, '');

describe('R8.1 whatever LiveKit says, in none of its forms a token or password goes on', () => {
  let folder: string;
  let answer: { readonly status: number; readonly body: string };
  let url: string;
  const server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'voicechart-leaks-'));
    writeFileSync(
      join(folder, 'sip.yaml'),
      'inbound: { door: { numbers: ["+49301"], allowedAddresses: [198.51.100.7] } }\n',
    );
    writeFileSync(join(folder, 'keys.yaml'), `a: ${'a'.repeat(40)}\n`, { mode: 0o600 });
    url = `http://127.0.0.1:${await listen(server, 0)}`;
  });
  afterAll(() => {
    server.close().closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  test('not through redaction', () => {
    fc.assert(fc.property(said, (text) => void expectNone(redact(text))));
  });

  test('not into an error, nor the answer made of it', async () => {
    const body = fc.oneof(
      said,
      said.map((msg) => JSON.stringify({ code: 'unauthenticated', msg, meta: { sip_status_code: '486' } })),
      said.map((msg) => JSON.stringify({ code: 'internal', msg })),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(400, 401, 404, 500, 503), body, said, async (status, body, text) => {
        const errors = [
          refusalError(rpc, { status, body }),
          transportError(rpc, new Error(text, { cause: new Error(text) }), false),
        ];
        for (const error of errors) {
          expectNone(JSON.stringify([error, error.message, String(error.stack), error.failure]));
          // oxlint-disable-next-line no-await-in-loop
          expectNone(await problem(problemOf(error)).text());
        }
        expectNone(JSON.stringify(joinFailure(new Error(text))));
      }),
    );
  });

  test('not into the log, in whatever field', async () => {
    const path = join(folder, 'log');
    const log = createLogger({ to: path, level: 'trace' });
    fc.assert(
      fc.property(said, said, name, (text, more, key) => {
        log.error({ code: 'x', error: text, deep: { list: [more, new Error(text)], [key]: text }, [more]: 1 }, text);
        log.child({ text }).warn({ code: 'y', error: Object.assign(new Error(more), { [key]: more }) }, more);
      }),
    );
    await log.flush();
    expectNone(readFileSync(path, 'utf8'));
  });

  test('not into what is inspected of a running machine', () => {
    fc.assert(
      fc.property(said, said, name, (text, more, key) => {
        const seen: string[] = [];
        const inspect = (event: InspectionEvent) => void seen.push(JSON.stringify(allowed(event, 'call/')));
        const machine = createMachine({
          id: 'call',
          context: { text, [key]: more },
          initial: 'on',
          states: { on: { description: text, on: { 'line.failed': 'off' } }, off: {} },
        });
        const actor = createActor(machine, { inspect, input: { text } });
        actor.start();
        actor.send({ type: 'line.failed', failure: { message: text }, [key]: more } as never);
        actor.stop();
        expect(seen.length).toBeGreaterThan(2);
        expectNone(seen.join());
      }),
    );
  });

  test('not out of a command', async () => {
    const env = { LIVEKIT_URL: url, LIVEKIT_API_KEY: 'a', LIVEKIT_API_SECRET: 'a'.repeat(40) };
    const file = join(folder, 'keys.yaml');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(200, 400, 401, 404, 500), said, async (status, body) => {
        answer = { status, body };
        for (const more of [[], ['--json']]) {
          // oxlint-disable-next-line no-await-in-loop
          const diff = await runCli(sip, ['diff', '-f', join(folder, 'sip.yaml'), ...more], env);
          // oxlint-disable-next-line no-await-in-loop
          const rotate = await runCli(keys, ['rotate', '--file', file, ...more], { LIVEKIT_URL: url });
          expectNone(JSON.stringify([diff, rotate]));
        }
      }),
      { numRuns: 25 },
    );
  });
});
