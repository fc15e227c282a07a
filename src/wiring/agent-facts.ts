import { type Agent, nameOfVendor } from '../agent.ts';
import type { AgentFacts } from '../machines/call/context.ts';

/** What the machine is told of an agent: plain facts, which are saved with every call. */
export function agentFacts(agent: Agent): AgentFacts {
  const [ear] = agent.ears;
  const [language = 'en'] = agent.language;
  return {
    name: agent.name,
    languages: agent.language,
    terms: ear?.terms ?? [],
    disclosure: agent.disclosure,
    greeting: agent.greeting,
    speculate: agent.speculate,
    sttDecides: ear?.kind === 'flux',
    maxCallMs: agent.maxCallMs,
    phrases: agent.phrases[language]!,
    models: agent.model.map(nameOfVendor),
    voices: agent.voice.map(nameOfVendor),
    people: Object.keys(agent.people),
    ...(agent.recording && { recording: agent.recording === true ? {} : agent.recording }),
  };
}
