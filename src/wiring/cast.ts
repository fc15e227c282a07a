import { join } from 'node:path';
import type { Agent } from '../agent.ts';
import { openStoredClips } from '../adapters/clips/stored-clips.ts';
import type { Config, Secrets } from '../config.ts';
import type { Failure } from '../failure.ts';
import type { Cast } from './call-parts.ts';
import { earOf, modelOf, type Vendors, voiceOf } from './vendors.ts';

/** An agent with its vendors and stored phrases, ready to take calls. `close` lets go of its connections. */
export interface ReadyCast extends Cast {
  /** Phrases for which a chime stands in. */
  readonly missingClips: readonly string[];
  /** What was wrong with its vendors at the start. */
  readonly cold: readonly Failure[];
  /** Opens what connections to model and voice have lapsed, so that a call's first reply waits for no handshake. Gives what was wrong. */
  warm(): Promise<readonly Failure[]>;
  close(): Promise<void>;
}

/** Makes the clients of one agent and has its phrases rendered. The first of each list serves; the others come with recovery. */
export async function readyCast(
  agent: Agent,
  config: Config,
  secrets: Secrets,
  { clock, threw }: Pick<Vendors, 'clock' | 'threw'>,
): Promise<ReadyCast> {
  const vendors: Vendors = { config: config.vendors, secrets: secrets.vendors, clock, threw };
  const [ear, model, voice] = [agent.ears[0]!, agent.model[0]!, agent.voice[0]!];
  const [language = 'en'] = agent.language;
  const speaking = await voiceOf(voice, vendors);
  const thinking = modelOf(model, vendors);
  const warm = async () => {
    const failures = await Promise.all([thinking.warm(), speaking.warm()]);
    return failures.filter((failure) => failure !== undefined);
  };
  const [clips, cold] = await Promise.all([
    openStoredClips({
      voice: speaking,
      voiceKey: JSON.stringify(voice),
      language,
      texts: Object.values(agent.phrases[language] ?? {}),
      dir: join(config.dataDir, 'clips'),
      clock,
    }),
    warm(),
  ]);
  return {
    agent,
    transcriber: earOf(ear, vendors),
    model: thinking,
    voice: speaking,
    clips,
    missingClips: clips.missing,
    cold,
    warm,
    close: async () => void (await Promise.all([thinking.close(), speaking.close()])),
  };
}
