import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Agent, type AgentError, isAgent, problemLine } from './agent.ts';
import { redact } from './failure.ts';

export type LoadedAgents =
  | { readonly agents: readonly Agent[] }
  /** `others` are the agents without a fault of their own. */
  | { readonly problems: readonly string[]; readonly others: readonly Agent[] };

type Loaded = { readonly file: string; readonly agent: Agent } | { readonly problems: readonly string[] };

/**
 * Loads the agents of `AGENTS`: one file, or every `*.ts` and `*.js` directly in a folder, in order of name; each exports
 * one agent by default. All problems of all files are told, each beginning with the file's name. Never rejects.
 */
export async function loadAgents(pathOrFolder: string): Promise<LoadedAgents> {
  const files = await agentFiles(pathOrFolder);
  if ('problems' in files) return { ...files, others: [] };
  const loaded = await Promise.all(files.paths.map(loadAgent));
  const good = loaded.filter((each) => 'agent' in each);
  const problems = [...loaded.flatMap((each) => ('problems' in each ? each.problems : [])), ...sameNames(good)];
  const agents = good.map((each) => each.agent);
  return problems.length > 0 ? { problems, others: agents } : { agents };
}

async function agentFiles(
  given: string,
): Promise<{ readonly paths: readonly string[] } | { readonly problems: readonly string[] }> {
  const path = resolve(given);
  try {
    if (!(await stat(path)).isDirectory()) return isCode(path) ? { paths: [path] } : notCode(given);
    const paths = (await readdir(path))
      .filter(isCode)
      .sort()
      .map((name) => join(path, name));
    return paths.length > 0 ? { paths } : { problems: [`${given}: no agent is there; expected: *.ts or *.js files`] };
  } catch (error) {
    return { problems: [`${given}: cannot be read (${codeOf(error)}); expected: an agent's file or a folder of them`] };
  }
}

const isCode = (path: string): boolean =>
  /\.[jt]s$/.test(path) && !/\.(d|test)\.[jt]s$/.test(path) && !basename(path).startsWith('.');

const notCode = (given: string) => ({ problems: [`${given}: not a *.ts or *.js file`] });

async function loadAgent(path: string): Promise<Loaded> {
  const file = basename(path);
  try {
    return agentOf(file, (await import(pathToFileURL(path).href)) as Record<string, unknown>);
  } catch (error) {
    return { problems: told(path, error).map((line) => `${file}: ${line}`) };
  }
}

function agentOf(file: string, module: Readonly<Record<string, unknown>>): Loaded {
  const found = module['default'];
  const others = Object.keys(module).filter((name) => module[name] !== found && isAgent(module[name]));
  const problems = [
    ...(isAgent(found) ? [] : [`${file}: ${notAgent(found)}; expected: export default agent({ … })`]),
    ...others.map((name) => `${file}: a second agent is exported as ${name}; expected: one agent a file`),
  ];
  return isAgent(found) && problems.length === 0 ? { file, agent: found } : { problems };
}

function notAgent(found: unknown): string {
  if (found === undefined) return 'no default export';
  if (Array.isArray(found) && found.some(isAgent)) return `${found.length} agents by default`;
  return 'the default export was not made by agent()';
}

const sameNames = (loaded: readonly { readonly file: string; readonly agent: Agent }[]): string[] =>
  loaded.flatMap(({ file, agent }, index) => {
    const first = loaded.findIndex((each) => each.agent.name === agent.name);
    return first < index ? [`${file}: the name "${agent.name}" is taken by ${loaded[first]?.file}`] : [];
  });

function told(path: string, error: unknown): string[] {
  // By name, since the file may use another copy of this package.
  if (error instanceof Error && error.name === 'AgentError' && 'problems' in error)
    return (error as AgentError).problems.map(problemLine);
  const line = redact(String(error).split('\n', 1)[0] ?? '');
  const where = lineIn(path, error);
  return [`${where === undefined ? '' : `line ${where}: `}${error instanceof Error ? '' : 'threw '}${line}`];
}

/** The line of the file itself an error speaks of: Node puts it into the stack, of syntax errors too. */
function lineIn(path: string, error: unknown): string | undefined {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = [pathToFileURL(path).href, path].map((name) => stack.indexOf(`${name}:`)).find((index) => index >= 0);
  return at === undefined ? undefined : /:(\d+)/.exec(stack.slice(at + basename(path).length))?.[1];
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? 'unknown');
