/** One line of what Prometheus reads. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const lineShape = /^(?<name>[a-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)$/i;
const labelShape = /(\w+)="((?:\\.|[^"\\])*)"/g;

/** The samples of a page; throws at a line that is none. */
export function samplesOf(page: string): readonly Sample[] {
  const lines = page.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const { name, labels = '', value } = lineShape.exec(line)?.groups ?? {};
    if (name === undefined) throw new Error(`no sample: ${line}`);
    return {
      name,
      labels: Object.fromEntries([...labels.matchAll(labelShape)].map(([, label, text]) => [label, text])),
      value: Number(value),
    };
  });
}

/** The one sample of this name whose labels say at least this; nothing when there is none. */
export const sampleOf = (
  page: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined =>
  samplesOf(page).find(
    (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  )?.value;
