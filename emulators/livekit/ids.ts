import { randomInt } from 'node:crypto';

const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** An id as LiveKit makes them: a prefix and 12 letters and digits that are not mistaken for each other. */
export const newId = (prefix: string): string =>
  prefix + Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join('');
