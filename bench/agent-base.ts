import { type AgentOptions, cartesia, openai } from '../src/agent.ts';
import type { Rule } from '../emulators/openai/script.ts';

/** What the agents of the benchmarks have in common; they differ in ears and in whether they think ahead. */
export const benchAgent: Pick<
  AgentOptions,
  'language' | 'model' | 'voice' | 'disclosure' | 'greeting' | 'instructions'
> = {
  language: ['en'],
  model: [openai('gpt-5.4-mini')],
  voice: [cartesia('a0e99841-438c-4a64-b679-ae501e7d6091')],
  disclosure: 'I am an AI.',
  greeting: 'How can I help?',
  instructions: 'You answer the telephone of a hotel. Short sentences.',
};

/** A greeting that leaves time to interrupt it. */
export const longGreeting =
  'Welcome to the hotel at the lake, where you have reached our assistant, who can tell you about rooms, prices and hours, ' +
  'and can take a booking for any night of this year, so tell me how I can help you today.';

/** Questions of the scripted caller. The first clause of an answer is as short as people make it: one to three words. */
export const questions = [
  'when is breakfast served?',
  'may I bring a dog?',
  'is there a parking place?',
  'do you have a sauna?',
] as const;

export const monologueRequest = 'tell me everything about the house.';

/** What the model answers. */
export const benchRules: readonly Rule[] = [
  { user: 'breakfast', text: 'Certainly. Breakfast is from seven to ten.' },
  { user: 'dog', text: 'Of course. Pets are welcome.' },
  { user: 'parking', text: 'Yes, we do. It is behind the house.' },
  { user: 'sauna', text: 'We do. It is open until nine.' },
  {
    user: 'everything about',
    text:
      'Of course. The house stands at the harbour with a view over the lake to the mountains and has forty rooms that are all quiet ' +
      'and look into a garden with old trees where breakfast is served in summer from seven until half past ten. ' +
      'There is a small sauna in the cellar and a restaurant that cooks with what the farms around here bring in the morning.',
  },
  { text: 'All right. What else can I do?' },
];
