import { type AgentOptions, cartesia, nova, openai } from '../../src/agent.ts';

/** An agent with short phrases, so that a call is soon under way. */
export const shortAgent: Omit<AgentOptions, 'name'> = {
  language: ['en'],
  ears: [nova()],
  model: [openai('gpt-5.4-mini')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091')],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer briefly.',
};
