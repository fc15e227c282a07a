import type { Agent } from '../../agent.ts';
import { type Config, mentionsOf, readConfig, type Secrets } from '../../config.ts';
import { loadAgents } from '../../load-agents.ts';
import { readStart } from '../../wiring/start.ts';
import { type Finding, toMend, well } from './finding.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What the other checks go by: settings when they can be read, and every agent without a fault of its own. */
export interface Known {
  readonly settings?: { readonly config: Config; readonly secrets: Secrets };
  readonly agents: readonly Agent[];
}

/** Settings and agents, with every problem of both. */
export async function checkSettings(env: Environment, tell: (finding: Finding) => void): Promise<Known> {
  const start = await readStart(env);
  if ('problems' in start) for (const problem of start.problems) tell(toMend('settings', problem, mendOf(problem)));
  else tell(well('settings', `${start.agents.length} agent(s): ${start.agents.map(({ name }) => name).join(', ')}`));
  const settings = readConfig(env);
  const loaded = await loadAgents(mentionsOf(env).agents ?? 'agents');
  return {
    ...('problems' in settings ? {} : { settings }),
    agents: 'problems' in loaded ? loaded.others : loaded.agents,
  };
}

const ofSetting = /^([A-Z][A-Z\d_]+): /;

function mendOf(problem: string): string {
  const name = ofSetting.exec(problem)?.[1];
  const [file = ''] = problem.split(':', 1);
  if (name === undefined) return /\.[jt]s$/.test(file) ? `edit ${file}` : 'export AGENTS=…';
  return /there is no such setting/.test(problem) ? `unset ${name}` : `export ${name}=…`;
}
