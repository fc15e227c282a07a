import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Coverage, covered } from '../test/support/coverage.ts';
import { type Hunt, hunted } from '../test/support/hunt.ts';
import { type MutantKind, mutantKinds } from '../test/support/mutants.ts';
import { idleReasons, reasonOf } from '../test/support/survivors.ts';
import { type Part, parts, product } from '../test/support/walk-parts.ts';

/**
 * Walks every machine under its host, then puts machines with one thing wrong through the same walks. `--machine` (may be
 * repeated) names some of them; `--write` puts the tables into docs/coverage.md. Ends with 1 when an edge is taken otherwise, a
 * transition by no walk, or a mutant lives for no known reason.
 */
const { values } = parseArgs({
  options: { machine: { type: 'string', multiple: true }, write: { type: 'boolean', default: false } },
});
const page = resolve(import.meta.dirname, '../docs/coverage.md');
const names = parts.map(({ name }) => name);
const wanted = values.machine ?? names;
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) stop(`there is no walk of ${unknown.join(', ')}, only of ${names.join(', ')}`);
if (values.write && values.machine) stop('--write writes the whole page: leave --machine out');

interface Row extends Coverage {
  readonly name: string;
  readonly seconds: number;
}

const rows: Row[] = [];
const hunts: { readonly name: string; readonly hunt: Hunt; readonly seconds: number }[] = [];

/* oxlint-disable no-await-in-loop -- one after the other */
for (const part of parts.filter(({ name }) => wanted.includes(name))) {
  rows.push(await walk(part));
  const since = spentMs();
  hunts.push({ name: part.name, hunt: await hunted(part), seconds: secondsSince(since) });
  console.log(mutantRow(hunts.at(-1)!));
}
/* oxlint-enable no-await-in-loop */
if (!values.machine) rows.push(await walk(product));

const survivors = hunts.flatMap(({ hunt }) => hunt.survivors);
const wrong = [
  ...rows.flatMap((row) => [...row.wrong, ...row.untaken]),
  ...survivors.filter((each) => !reasonOf(each)).map(({ name }) => `lives for no known reason: ${name}`),
  ...(values.machine ? [] : idleReasons(survivors).map((shape) => `test/support/survivors.ts: no mutant is ${shape}`)),
];
for (const each of wrong) console.log(each);
if (values.write) writeFileSync(page, pageOf());
process.exitCode = wrong.length > 0 ? 1 : 0;

async function walk(part: Part): Promise<Row> {
  const since = spentMs();
  const row = { name: part.name, ...(await covered(part)), seconds: secondsSince(since) };
  console.log(walkRow(row));
  return row;
}

/** Time of the processor, which neighbours take nothing from. */
function spentMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function secondsSince(sinceMs: number): number {
  return (spentMs() - sinceMs) / 1000;
}

function walkRow({ name, states, edges, untimely, transitions, untaken, seconds }: Row): string {
  const taken = transitions === 0 ? '' : `${transitions - untaken.length} of ${transitions}`;
  return `| ${name} | ${states} | ${edges} | ${edges - untimely} | ${taken} | ${seconds.toFixed(1)} s |`;
}

function mutantRow({ name, hunt: { mutants, survivors: alive }, seconds }: (typeof hunts)[number]): string {
  const killed = mutants.length - alive.length;
  const share = ((100 * killed) / mutants.length).toFixed(1);
  const kinds = mutantKinds.map((kind) => ofKind(kind, mutants.length ? { mutants, survivors: alive } : undefined));
  return `| ${name} | ${mutants.length} | ${killed} | ${share} % | ${kinds.join(' | ')} | ${seconds.toFixed(0)} s |`;
}

function ofKind(kind: MutantKind, hunt: Hunt | undefined): string {
  const all = hunt?.mutants.filter((each) => each.kind === kind).length ?? 0;
  const alive = hunt?.survivors.filter((each) => each.kind === kind).length ?? 0;
  return all === 0 ? '' : `${all - alive} of ${all}`;
}

function pageOf(): string {
  const total = { mutants: hunts.flatMap(({ hunt }) => hunt.mutants), survivors };
  const all = mutantRow({ name: 'all', hunt: total, seconds: hunts.reduce((sum, { seconds }) => sum + seconds, 0) });
  return `# What of the machines is walked

Written by \`node tools/run.js tools/coverage.ts --write\` on ${new Date().toISOString().slice(0, 10)}; what each column means and why it is done so: decision 027.

## States and edges

Each machine is walked in the hands of what runs it in production (calls and, within them, replies by the host of calls; tokens by the host of credentials; egress, alerting, keeping, workers, reconciler and recovery by theirs), on virtual
time. A *state* is where the machine stands with what its guards read; an *edge* is one event, timer or breaking actor in one state. *Walked*: taken under the host, which ended where the graph says, with the
right thing stored, logged and restorable; the rest waits for a timer that has fired on every way there. *Transitions*: those in the machine's code that do anything.

| machine | states | edges | walked | transitions taken | time |
|---|---|---|---|---|---|
${rows.map(walkRow).join('\n')}

## Mutants

One thing is wrong in each: an edge, a timer (\`after\`), an invoked actor, an entry action or an action is dropped, a target is the state beside it, a guard says the opposite. A mutant is killed when it lives otherwise than the machine
that is right did in the same walk: stands elsewhere, knows something else, waits for something else, tells its actors, its parent or itself something else.

| machine | mutants | killed | | ${mutantKinds.join(' | ')} | time |
|---|---|---|---|${mutantKinds.map(() => '---|').join('')}---|
${hunts.map(mutantRow).join('\n')}
${all}

Those that live:

${survivors.map((each) => `- \`${each.name}\`: ${reasonOf(each) ?? 'no reason is known'}.`).join('\n')}
`;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}
