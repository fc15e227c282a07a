import { agent, nova } from '../../src/agent.ts';
import { benchAgent, longGreeting } from '../agent-base.ts';

/** Greets at length. */
export default agent({ ...benchAgent, name: 'nova-talker', ears: [nova()], greeting: longGreeting });
