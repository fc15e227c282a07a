import { agent, flux } from '../../src/agent.ts';
import { benchAgent, longGreeting } from '../agent-base.ts';

/** Greets at length. */
export default agent({ ...benchAgent, name: 'flux-talker', ears: [flux()], greeting: longGreeting });
