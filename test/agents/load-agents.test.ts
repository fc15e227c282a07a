import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';

const run = promisify(execFile);
const source = (name: string): string => new URL(`../../src/${name}`, import.meta.url).href;
const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
});

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'voicechart-agents-'));
  folders.push(folder);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return folder;
}

/** In a process of its own: what counts is how Node itself loads the files, not how the test runner would. */
async function load(path: string): Promise<{ agents?: string[]; problems?: string[] }> {
  const script = `
    import { loadAgents } from ${JSON.stringify(source('load-agents.ts'))};
    const loaded = await loadAgents(${JSON.stringify(path)});
    process.stdout.write(JSON.stringify('agents' in loaded ? { agents: loaded.agents.map(({ name }) => name) } : { problems: loaded.problems }));`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as { agents?: string[]; problems?: string[] };
}

const imports = `import { agent, cartesia, flux, openai } from ${JSON.stringify(source('agent.ts'))};\n`;
const definition = (name: string, more = ''): string =>
  `agent({ name: '${name}', language: ['en'], ears: [flux()], model: [openai('m')], voice: [cartesia('v')], disclosure: 'd', greeting: 'g', instructions: 'i', ${more} })`;
const file = (name: string, more = ''): string => `${imports}export default ${definition(name, more)};\n`;

test('loads the examples', async () => {
  const examples = new URL('../../agents/', import.meta.url).pathname;
  expect(await load(examples)).toEqual({ agents: ['administrator', 'receptionist'] });
  expect(await load(join(examples, 'receptionist.ts'))).toEqual({ agents: ['receptionist'] });
});

test('loads every *.ts and *.js of a folder in order of name, typed or not, and nothing else', async () => {
  const folder = await folderOf({
    'b.js': file('second'),
    'a.ts': `${imports}const name: string = 'first';\nexport default ${definition('first').replace("'first'", 'name')};\n`,
    'a.test.ts': 'throw new Error("a test is no agent");',
    'a.d.ts': 'not even code (',
    '.hidden.ts': 'throw new Error("hidden")',
    'notes.md': '# notes',
  });
  await mkdir(join(folder, 'shared'));
  await writeFile(join(folder, 'shared', 'prices.ts'), 'export const price = 1;');
  expect(await load(folder)).toEqual({ agents: ['first', 'second'] });
});

test('tells every problem of every file, each with the name of the file', async () => {
  const folder = await folderOf({
    'array.ts': `${imports}export default [${definition('one')}, ${definition('two')}];`,
    'enum.ts': 'enum Kind { a }\nexport default Kind;',
    'fine.ts': file('fine'),
    'invalid.ts': file('invalid', 'recording: 7, maxCallMs: 5'),
    'missing.ts': "import './not-there.ts';",
    'none.ts': 'export const agent = 1;',
    'null.ts': 'throw null;',
    'plain.ts': `export default { name: 'plain' };`,
    'same.ts': file('fine'),
    'second.ts': `${file('second')}export const other = ${definition('other')};`,
    'syntax.js': 'export default (;',
    'syntax.ts': 'const a = 1;\nexport default agent({ name:',
    'throws.ts': '\n\nthrow new Error("no database at Bearer_abcdefgh1234\\nsecond line");',
  });
  const { problems = [] } = await load(folder);
  expect(problems.filter((line) => !/^(missing|syntax|enum)/.test(line))).toEqual([
    'array.ts: 2 agents by default; expected: export default agent({ … })',
    'invalid.ts: recording: 7 came; allowed: true, false or { storage, dual }',
    'invalid.ts: maxCallMs: 5 came; allowed: a whole number from 10000 to 14400000',
    'none.ts: no default export; expected: export default agent({ … })',
    'null.ts: threw null',
    'plain.ts: the default export was not made by agent(); expected: export default agent({ … })',
    'second.ts: a second agent is exported as other; expected: one agent a file',
    'throws.ts: line 3: Error: no database at [secret]',
    'same.ts: the name "fine" is taken by fine.ts',
  ]);
  // Node's own words differ between versions.
  expect(problems.filter((line) => /^(missing|syntax|enum)/.test(line))).toEqual([
    expect.stringMatching(/^enum\.ts: line 1: SyntaxError .*enum/),
    expect.stringMatching(/^missing\.ts: .*not-there\.ts/),
    expect.stringMatching(/^syntax\.js: SyntaxError/),
    expect.stringMatching(/^syntax\.ts: line 2: SyntaxError/),
  ]);
});

test('one bad file is enough to start nothing', async () => {
  const folder = await folderOf({ 'good.ts': file('good'), 'bad.ts': 'export {};' });
  expect(await load(folder)).toEqual({
    problems: ['bad.ts: no default export; expected: export default agent({ … })'],
  });
});

test('a path that is nothing, no code or empty is told', async () => {
  const folder = await folderOf({ 'agents.json': '{}' });
  const gone = join(folder, 'gone');
  const json = join(folder, 'agents.json');
  expect(await load(gone)).toEqual({
    problems: [`${gone}: cannot be read (ENOENT); expected: an agent's file or a folder of them`],
  });
  expect(await load(json)).toEqual({ problems: [`${json}: not a *.ts or *.js file`] });
  expect(await load(folder)).toEqual({ problems: [`${folder}: no agent is there; expected: *.ts or *.js files`] });
});
