import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStart } from '../../src/wiring/start.ts';
import { nodeFlags } from '../../tools/stack/instance-process.ts';

const root = new URL('../../', import.meta.url);
const textOf = (name: string) => readFileSync(new URL(name, root), 'utf8');
const keys = { DEEPGRAM_API_KEY: 'd', OPENAI_API_KEY: 'o', GROQ_API_KEY: 'g', CARTESIA_API_KEY: 'c' };
const livekit = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'voicechart-test-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const problemsOf = async (env: Record<string, string>): Promise<readonly string[]> => {
  const reading = await readStart(env);
  return 'problems' in reading ? reading.problems : [];
};

/** What a shell makes of the README's `export` lines; the reader puts values for the dots. */
function exportsOf(markdown: string): Record<string, string> {
  const block = /## With real keys\n\n```sh\n([^]*?)```/.exec(markdown)?.[1] ?? '';
  const pairs = block.matchAll(/\b([A-Z_]+)=(\S+)/g);
  return Object.fromEntries([...pairs].map(([, name = '', value = '']) => [name, value.replace('…', 'v'.repeat(32))]));
}

describe('what an instance is started with', () => {
  it('is all there after the lines of the README', async () => {
    const env = exportsOf(textOf('README.md'));
    expect(env['AGENTS']).toBe('agents/receptionist.ts');
    expect(await readStart(env)).toMatchObject({ agents: [{ name: 'receptionist' }] });
  });

  it('is told with all its problems at once: settings, agents, their keys and the certificate', async () => {
    put('bad.ts', 'export default {};');
    put('good.ts', textOf('agents/administrator.ts').replace("'../src/", `'${root.pathname}src/`));
    const env = { ...livekit, LIVEKIT_URL: 'x', AGENTS: folder, CARTESIA_CA_FILE: join(folder, 'none.pem') };
    expect(await problemsOf(env)).toEqual([
      expect.stringMatching(/^LIVEKIT_URL: must be a URL/),
      expect.stringMatching(/^bad\.ts: the default export was not made by agent/),
      'DEEPGRAM_API_KEY: is missing; an agent uses deepgram',
      'OPENAI_API_KEY: is missing; an agent uses openai',
      'GROQ_API_KEY: is missing; an agent uses groq',
      'CARTESIA_API_KEY: is missing; an agent uses cartesia',
      expect.stringMatching(/^CARTESIA_CA_FILE: must be a file that can be read \(ENOENT\), not ".*none\.pem"$/),
    ]);
  });

  it('is refused with a certificate that is none', async () => {
    const env = { ...livekit, ...keys, AGENTS: 'agents/receptionist.ts' };
    const file = put('ca.pem', 'not a certificate');
    expect(await problemsOf({ ...env, CARTESIA_CA_FILE: file })).toEqual([
      `CARTESIA_CA_FILE: must be a file with a certificate in PEM, not ${JSON.stringify(file)}`,
    ]);
    expect(await problemsOf(env)).toEqual([]);
  });
});

describe('an instance of the demo and the tests', () => {
  it('runs under the flags of `npm start`', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: { start: string } };
    const flags = /^exec node (.*)tools\/run\.js src\/main\.ts$/.exec(scripts.start)?.[1]?.trim().split(' ');
    expect(flags).toEqual(nodeFlags);
  });
});
