import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { nearest } from '../nearest.ts';

const everybodys = {
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const satisfies ParseArgsOptionsConfig;

/** What came after a command's name; every command has `--json` and `--help`. `wrong`: what cannot be read, for a person. */
export function readArgs<const Options extends ParseArgsOptionsConfig>(args: readonly string[], options: Options) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { ...options, ...everybodys } });
  } catch (error) {
    return { wrong: error instanceof Error ? error.message : String(error) };
  }
}

const listed = new Intl.ListFormat('en', { type: 'disjunction' });

/** One of these words, or what is wrong with what came in its place. */
export function readWord<const Word extends string>(
  came: string | undefined,
  words: readonly Word[],
): { readonly word: Word } | { readonly wrong: string } {
  const word = words.find((each) => each === came);
  if (word !== undefined) return { word };
  return { wrong: `${listed.format(words)}, not ${JSON.stringify(came ?? '')}${meant(came, words)}` };
}

/** `; did you mean …?`, where something is near. */
export function meant(came: string | undefined, words: readonly string[]): string {
  const near = came === undefined ? undefined : nearest(came, words);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
