import { type Agent, type EarRef, nameOfVendor } from '../agent.ts';
import type { EarFacts } from '../machines/call/ears.ts';
import type { AgentFacts } from '../machines/call/context.ts';
import { vendorOf } from './vendors.ts';

const earFacts = (kind: EarRef['kind']): EarFacts => ({
  vendor: vendorOf(kind),
  decides: kind === 'flux',
  tellsEarly: vendorOf(kind) === 'deepgram',
});

/** What the machine is told of an agent: plain facts, which are saved with every call. */
export function agentFacts(agent: Agent): AgentFacts {
  const [language = 'en'] = agent.language;
  return {
    name: agent.name,
    languages: agent.language,
    terms: agent.ears.flatMap((ear) => ('terms' in ear ? [ear.terms ?? []] : []))[0] ?? [],
    disclosure: agent.disclosure,
    greeting: agent.greeting,
    speculate: agent.speculate,
    ears: agent.ears.map(({ kind }) => earFacts(kind)),
    maxCallMs: agent.maxCallMs,
    phrases: agent.phrases[language]!,
    models: agent.model.map(nameOfVendor),
    voices: agent.voice.map(nameOfVendor),
    people: Object.keys(agent.people),
    ...(agent.recording && { recording: agent.recording === true ? {} : agent.recording }),
  };
}
