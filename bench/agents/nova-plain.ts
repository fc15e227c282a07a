import { agent, nova } from '../../src/agent.ts';
import { benchAgent } from '../agent-base.ts';

/** Does not think ahead. */
export default agent({ ...benchAgent, name: 'nova-plain', ears: [nova()], speculate: false });
