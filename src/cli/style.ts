/** How emphasis is written. */
export interface Style {
  dim(text: string): string;
  bold(text: string): string;
  strike(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  red(text: string): string;
}

const same = (text: string): string => text;
const plain: Style = { dim: same, bold: same, strike: (text) => `~~${text}~~`, green: same, yellow: same, red: same };

const escape = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const coloured: Style = {
  dim: escape(2, 22),
  bold: escape(1, 22),
  strike: escape(9, 29),
  green: escape(32, 39),
  yellow: escape(33, 39),
  red: escape(31, 39),
};

export const styleOf = (colours: boolean): Style => (colours ? coloured : plain);

/** Whether a stream takes colours: a terminal does, unless `NO_COLOR` is set. */
export const takesColours = (
  out: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): boolean => out.isTTY === true && !env['NO_COLOR'];
