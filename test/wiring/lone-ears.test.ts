import { expect, test } from 'vitest';
import { flux, groq, nova } from '../../src/agent.ts';
import { createLogger, type LogFields, type Logger } from '../../src/runtime/log.ts';
import { warnOfLoneEars } from '../../src/wiring/lone-ears.ts';

test('R10.4 that an agent hears by one vendor alone is said at the start', () => {
  const lines: LogFields[] = [];
  const log: Logger = { ...createLogger({ level: 'silent' }), warn: (fields) => void lines.push(fields) };
  warnOfLoneEars(log, [
    { name: 'alone', ears: [flux()] },
    { name: 'of-one-house', ears: [flux(), nova()] },
    { name: 'backed', ears: [flux(), groq('whisper-large-v3-turbo')] },
  ]);
  expect(lines.map(({ agent, vendor }) => [agent, vendor])).toEqual([
    ['alone', 'deepgram'],
    ['of-one-house', 'deepgram'],
  ]);
});
