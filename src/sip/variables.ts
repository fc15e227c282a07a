import type { PlacedMessage } from './checks.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** `$${` stands for `${` itself. */
const variable = /\$(\$?)\{([^}]*)\}?/g;
const nameShape = /^[A-Za-z_]\w*$/;
const wholeVariable = /^\$\{[A-Za-z_]\w*\}$/;
/** Fields whose value never stands in the file. */
const secretFields = ['password', 'pin'];

/** Text as it has to stand in the file to be read as it is. */
export const asText = (text: string): string => text.replaceAll('${', () => '$${');

export interface Filled {
  readonly value: unknown;
  readonly problems: readonly PlacedMessage[];
}

/** Puts the environment's values for every `${NAME}` in texts, at any depth. Names of things and fields are left alone. */
export function fillIn(value: unknown, env: Environment): Filled {
  const problems: PlacedMessage[] = [];
  function filled(each: unknown, path: readonly PropertyKey[]): unknown {
    if (typeof each === 'string') {
      problems.push(...problemsOf(each, path, env));
      return each.replaceAll(variable, (whole: string, escape: string, name: string) =>
        escape ? whole.slice(1) : (env[name]?.trim() ?? ''),
      );
    }
    if (Array.isArray(each)) return each.map((item, index) => filled(item, [...path, index]));
    if (each === null || typeof each !== 'object') return each;
    return Object.fromEntries(Object.entries(each).map(([key, item]) => [key, filled(item, [...path, key])]));
  }
  return { value: filled(value, []), problems };
}

function problemsOf(text: string, path: readonly PropertyKey[], env: Environment): readonly PlacedMessage[] {
  const at = (message: string) => [{ path, message }];
  if (secretFields.includes(String(path.at(-1))) && !wholeVariable.test(text))
    return at('must be ${NAME} of a variable of the environment: this file is for everybody to read');
  return [...text.matchAll(variable)].flatMap(([whole, escape, name = '']) => {
    if (escape) return [];
    if (!whole.endsWith('}') || !nameShape.test(name)) return at('a variable is written ${NAME}');
    return env[name]?.trim() ? [] : at(`the variable ${name} is not set`);
  });
}
