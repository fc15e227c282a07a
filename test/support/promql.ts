import { catalogue } from '../../src/runtime/metrics/catalogue.ts';
import { type Definition, otherValue } from '../../src/runtime/metrics/definition.ts';

const all: Readonly<Record<string, Definition>> = catalogue;
const selectorShape = /\b((?:voicechart|process|nodejs)_[a-z0-9_]+)(?:\{([^}]*)\})?/g;
const matcherShape = /(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g;
/** What Prometheus adds. */
const added = new Set(['instance', 'job', 'le']);

/** Name of the metric that a series belongs to. */
const familyOf = (series: string): string => {
  const family = series.replace(/_(?:bucket|sum|count)$/, '');
  return all[family]?.type === 'histogram' ? family : series;
};

/** The metrics that a query uses. */
export const usedIn = (expr: string): readonly string[] =>
  [...expr.matchAll(selectorShape)].map(([, series = '']) => familyOf(series));

/** What a query asks for that no instance can show: metrics, labels and values of labels, one line each. */
export const unknownIn = (expr: string): readonly string[] =>
  [...expr.matchAll(selectorShape)].flatMap(([, series = '', matchers = '']) => {
    const definition = all[familyOf(series)];
    if (!definition) return [`no metric ${series}`];
    return [...matchers.matchAll(matcherShape)].flatMap(([, label = '', , value = '']) =>
      added.has(label) ? [] : unknownValues(series, definition.labels[label], label, value),
    );
  });

function unknownValues(series: string, set: readonly string[] | undefined, label: string, value: string): string[] {
  if (!set) return [`${series} has no label ${label}`];
  const known = new Set([...set, otherValue]);
  return value
    .split('|')
    .filter((each) => !known.has(each))
    .map((each) => `${series}: ${label} is never ${each}`);
}
