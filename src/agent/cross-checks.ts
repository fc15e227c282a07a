import { isBuiltIn } from './built-in.ts';
import { baseLanguage, builtInPhrases, languageTag, phraseNames } from './phrases.ts';

/** In the shape of zod's issues. `message` says what is allowed. */
export interface CrossIssue {
  readonly code: 'custom';
  readonly path: PropertyKey[];
  readonly message: string;
}

/**
 * What no single field can know: names, and what has to fit each other. Reads the definition as it came, whatever it is,
 * so that these problems are told together with all others.
 */
export function crossIssues(definition: unknown): CrossIssue[] {
  const { language, phrases, ears, tools, people } = record(definition);
  const languages = Array.isArray(language) ? language.filter(isTag) : [];
  return [
    ...repeated(languages),
    ...[...new Set(languages)].flatMap((each) => missingPhrases(each, record(record(phrases)[each]))),
    ...strangers(languages, record(phrases)),
    ...slowFirst(ears),
    ...badNames('tools', record(tools), 64),
    ...badNames('people', record(people), 40),
  ];
}

const isTag = (value: unknown): value is string => typeof value === 'string' && languageTag.test(value);

const issue = (path: PropertyKey[], message: string): CrossIssue => ({ code: 'custom', path, message });

const record = (value: unknown): Record<string, unknown> =>
  value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};

const repeated = (languages: readonly string[]): CrossIssue[] =>
  languages.flatMap((each, index) =>
    languages.indexOf(each) < index ? [issue(['language', index], 'each language once')] : [],
  );

function missingPhrases(language: string, own: Readonly<Record<string, unknown>>): CrossIssue[] {
  if (Object.hasOwn(builtInPhrases, baseLanguage(language))) return [];
  const message = `text: phrases are built in for ${Object.keys(builtInPhrases).join(', ')} only`;
  return phraseNames
    .filter((name) => own[name] === undefined)
    .map((name) => issue(['phrases', language, name], message));
}

const strangers = (languages: readonly string[], phrases: object): CrossIssue[] =>
  Object.keys(phrases)
    .filter((each) => !languages.includes(each))
    .map((each) => issue(['phrases', each], `the languages of the agent: ${languages.join(', ')}`));

const slowFirst = (ears: unknown): CrossIssue[] => {
  const first = Array.isArray(ears) ? record(ears[0]).kind : undefined;
  return first === 'openai' || first === 'groq'
    ? [issue(['ears', 0], 'flux({ … }) or nova({ … }) first: openai and groq hear whole utterances, as backup only')]
    : [];
};

function badNames(field: string, items: object, most: number): CrossIssue[] {
  const message = `a name of a letter, then letters, digits or _, at most ${most}, and not of a built-in tool`;
  const good = (name: string) => /^[A-Za-z]\w*$/.test(name) && name.length <= most && !isBuiltIn(name);
  return Object.keys(items)
    .filter((name) => !good(name))
    .map((name) => issue([field, name], message));
}
