import { agent, flux } from '../../src/agent.ts';
import { benchAgent } from '../agent-base.ts';

/** Does not think ahead. */
export default agent({ ...benchAgent, name: 'flux-plain', ears: [flux()], speculate: false });
