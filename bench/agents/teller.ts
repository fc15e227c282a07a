import { agent, flux } from '../../src/agent.ts';
import { benchAgent } from '../agent-base.ts';

/** Comes to the point at once: whoever kills what runs its calls waits for the sentence after that. */
export default agent({
  ...benchAgent,
  name: 'teller',
  ears: [flux()],
  disclosure: 'An AI here.',
  greeting: 'What shall it be?',
});
