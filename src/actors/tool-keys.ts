import { keysInput, tool, toolError } from '../agent.ts';
import type { Room } from './room.ts';
import type { Tools } from './run-tools.ts';

/** Longer than the most keys that may wait for each other on a line take. */
const timeoutMs = 20_000;

/** The agent's tools, and `send_digits` beside them: nobody can take a key back, so keys are pressed as any tool of effect `once` is run. */
export function withKeys(tools: Tools, room: Pick<Room, 'sendDigits'>): Tools {
  const keys = tool({
    about: 'Presses keys.',
    input: keysInput,
    effect: 'once',
    timeoutMs,
    async run({ digits }) {
      const failure = await room.sendDigits(digits.toUpperCase());
      if (failure) throw toolError(failure.message);
      return 'pressed';
    },
  });
  return { find: (name) => (name === 'send_digits' ? keys : tools.find(name)) };
}
