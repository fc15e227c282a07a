import { agent, nova } from '../../src/agent.ts';
import { benchAgent } from '../agent-base.ts';

export default agent({ ...benchAgent, name: 'nova', ears: [nova()] });
