/** One picture of the dashboard. `unit` is Grafana's name of it. */
export interface Panel {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly kind: 'number' | 'lines' | 'stacked' | 'states';
  /** What each line is called, with `{{label}}` for what tells it from the others, and its query. */
  readonly lines: Readonly<Record<string, string>>;
  /** From where a number, or the ground behind lines, is amber and red. */
  readonly limits?: readonly [amber: number, red: number];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

type Rest = Pick<Panel, 'about' | 'unit' | 'lines' | 'limits'>;
const of =
  (kind: Panel['kind']) =>
  (title: string, rest: Rest): Panel => ({ kind, title, ...rest });

export const [number, lines, stacked, states] = [of('number'), of('lines'), of('stacked'), of('states')];

/** Lines of a median, and of what few exceed. */
export const range = (median: string, late: string) => ({ median, '95 of 100 within': late });
