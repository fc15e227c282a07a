import { join } from 'node:path';
import { type Agent, type ModelRef, nameOfVendor, type VoiceRef } from '../agent.ts';
import { openStoredClips } from '../adapters/clips/stored-clips.ts';
import type { CartesiaVoice } from '../adapters/cartesia/voice.ts';
import type { OpenAiModel } from '../adapters/openai/reply-model.ts';
import type { Config, Secrets, VendorName } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Connections } from '../runtime/connections.ts';
import type { Cast } from './call-parts.ts';
import { earOf, isDictated, modelOf, type Vendors, vendorOf, voiceOf } from './vendors.ts';

/** An agent with its vendors and stored phrases, ready to take calls. `close` lets go of its connections. */
export interface ReadyCast extends Cast {
  /** Phrases for which a chime stands in. */
  readonly missingClips: readonly string[];
  /** What was wrong with its vendors at the start. */
  readonly cold: readonly Failure[];
  /** What it keeps open to its vendors. */
  readonly connections: readonly Connections[];
  /** Opens what connections to model and voice have lapsed, so that a call's first reply waits for no handshake. Gives what was wrong. */
  warm(): Promise<readonly Failure[]>;
  close(): Promise<void>;
}

/** Makes the clients of one agent and has its phrases rendered. */
export async function readyCast(
  agent: Agent,
  config: Config,
  secrets: Secrets,
  { clock, threw }: Pick<Vendors, 'clock' | 'threw'>,
): Promise<ReadyCast> {
  const vendors: Vendors = { config: config.vendors, secrets: secrets.vendors, clock, threw };
  const ears = agent.ears.map((ear) => earOf(ear, vendors));
  const [language = 'en'] = agent.language;
  const models = agent.model.map((ref) => modelOf(ref, vendors));
  const voices = await Promise.all(agent.voice.map((ref) => voiceOf(ref, vendors)));
  const clients = [...models, ...voices, ...ears.filter(isDictated)];
  const warm = async () => {
    const failures = await Promise.all(clients.map((each) => each.warm()));
    return failures.filter((failure) => failure !== undefined);
  };
  const close = async () => void (await Promise.all(clients.map((each) => each.close())));
  const opening = openStoredClips({
    voices: voices.map((voice, index) => ({ voice, key: JSON.stringify(agent.voice[index]) })),
    language,
    texts: Object.values(agent.phrases[language] ?? {}),
    dir: join(config.dataDir, 'clips'),
    clock,
  });
  const [[clips], cold] = await Promise.all([Promise.allSettled([opening]), warm()]);
  if (clips.status === 'rejected') {
    await close();
    throw clips.reason;
  }
  return {
    agent,
    ears,
    models: named(agent.model, models),
    voices: named(agent.voice, voices),
    clips: clips.value,
    missingClips: clips.value.missing,
    cold,
    warm,
    connections: [
      ...agent.model.map((ref, index) => kept(agent, nameOfVendor(ref), ref.kind, models[index]!)),
      ...agent.voice.map((ref, index) => kept(agent, nameOfVendor(ref), ref.kind, voices[index]!)),
      ...ears.flatMap((ear, index) =>
        isDictated(ear) ? [kept(agent, ear.name, vendorOf(agent.ears[index]!.kind), ear)] : [],
      ),
    ],
    close,
  };
}

/** By the names that calls know them by. One that a call began with and the agent's file has no more is stood in for by the first. */
function named<Client>(
  refs: readonly (ModelRef | VoiceRef)[],
  clients: readonly Client[],
): { find(name: string): Client } {
  const byName = new Map(refs.map((ref, index) => [nameOfVendor(ref), clients[index]!]));
  return { find: (name) => byName.get(name) ?? clients[0]! };
}

/** Has a pool of connections that may be stale, or were let in by a key that is not in use any more. */
type Pooled = Pick<OpenAiModel | CartesiaVoice, 'drop' | 'warm'>;

const kept = ({ name }: Agent, to: string, vendor: VendorName, client: Pooled): Connections => ({
  to: [vendor],
  what: `the pool of ${name} to ${to} (old sockets dropped, one opened)`,
  renew() {
    client.drop();
    return client.warm();
  },
});
