import { agent, flux } from '../../src/agent.ts';
import { benchAgent } from '../agent-base.ts';

export default agent({ ...benchAgent, name: 'flux', ears: [flux()] });
