import type { Agent } from '../agent.ts';
import type { Logger } from '../runtime/log.ts';
import { vendorOf } from './vendors.ts';

/** Callers of an agent that hears by one vendor alone hear goodbye when that one fails: somebody should know beforehand. */
export function warnOfLoneEars(log: Logger, agents: readonly Pick<Agent, 'name' | 'ears'>[]): void {
  for (const { name, ears } of agents) {
    const [vendor, ...others] = new Set(ears.map(({ kind }) => vendorOf(kind)));
    if (others.length > 0) continue;
    log.warn(
      { code: 'ears.alone', agent: name, vendor },
      "an agent hears by one vendor alone: openai('gpt-4o-mini-transcribe') or groq('whisper-large-v3-turbo') at the end of its ears would hear when that one fails",
    );
  }
}
