import type { Command } from '../../src/cli/command.ts';

/** Runs a command in this process. */
export async function runCli(
  command: Pick<Command, 'run'>,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly code: number; readonly out: string; readonly notes: string }> {
  let [out, notes] = ['', ''];
  const world = {
    env,
    signal,
    random: () => 0.5,
    out: (text: string) => void (out += text),
    note: (text: string) => void (notes += text),
  };
  const code = await command.run(args, world);
  return { code, out, notes };
}

/** The widest line, in characters: a terminal has 80. */
export const widthOf = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
