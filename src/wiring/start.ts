import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Agent } from '../agent.ts';
import { type Config, mentionsOf, readConfig, requireVendors, type Secrets } from '../config.ts';
import { chosenStorage } from '../egress.ts';
import { loadAgents } from '../load-agents.ts';
import { vendorsOf } from './vendors.ts';

/** What an instance is started with. */
export interface Start {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly agents: readonly Agent[];
}

export type StartReading = Start | { readonly problems: readonly string[] };

/**
 * Reads settings, agents, the keys that these need, and Cartesia's certificate. All problems of all of them are told at
 * once, one line each. Never rejects.
 */
export async function readStart(env: Readonly<Record<string, string | undefined>>): Promise<StartReading> {
  const reading = readConfig(env);
  const mentions = mentionsOf(env);
  const loaded = mentions.agents === undefined ? { agents: [] } : await loadAgents(mentions.agents);
  const agents = 'problems' in loaded ? loaded.others : loaded.agents;
  const problems = [
    ...('problems' in reading ? reading.problems : []),
    ...('problems' in loaded ? loaded.problems : []),
    ...requireVendors(mentions.keys, agents.flatMap(vendorsOf)),
    ...('config' in reading ? requireStorages(agents, reading.secrets) : []),
    ...(mentions.caFile === undefined ? [] : await certificateProblems(mentions.caFile)),
  ];
  return 'problems' in reading || problems.length > 0 ? { problems } : { ...reading, agents };
}

/** Problems, one line each, when an agent records to a storage that there is not. */
const requireStorages = (agents: readonly Pick<Agent, 'name' | 'recording'>[], { storages }: Secrets): string[] =>
  agents.flatMap(({ name, recording }) => {
    if (!recording) return [];
    const chosen = chosenStorage(storages, recording === true ? undefined : recording.storage);
    return typeof chosen === 'string' ? [`agent "${name}": recording.storage: ${chosen}`] : [];
  });

async function certificateProblems(file: string): Promise<string[]> {
  const tell = (what: string) => [`CARTESIA_CA_FILE: ${what}, not ${JSON.stringify(file)}`];
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => error);
  if (typeof pem !== 'string') return tell(`must be a file that can be read (${pem.code ?? pem.message})`);
  return isCertificate(pem) ? [] : tell('must be a file with a certificate in PEM');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== '';
  } catch {
    return false;
  }
}
