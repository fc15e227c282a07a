/** How emphasis is written. */
export interface Style {
  dim(text: string): string;
  bold(text: string): string;
  strike(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

const same = (text: string): string => text;
const plain: Style = { dim: same, bold: same, strike: (text) => `~~${text}~~`, green: same, yellow: same };

const escape = (on: number, off: number) => (text: string) => `\u001b[${on}m${text}\u001b[${off}m`;
const coloured: Style = {
  dim: escape(2, 22),
  bold: escape(1, 22),
  strike: escape(9, 29),
  green: escape(32, 39),
  yellow: escape(33, 39),
};

/** Colours for a terminal, unless `NO_COLOR` is set. */
export const styleFor = (out: NodeJS.WriteStream): Style => (out.isTTY && !process.env['NO_COLOR'] ? coloured : plain);
