/** What a command may touch of the world. */
export interface CommandWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was asked for. */
  out(text: string): void;
  /** What a person should know besides. */
  note(text: string): void;
  /** From 0 to 1. */
  random(): number;
  /** Whether `out` may be coloured. Left out: no. */
  readonly colours?: boolean;
  /** Aborted when the user asks to stop. */
  readonly signal: AbortSignal;
}

/** One word after `voicechart`. */
export interface Command {
  /** One line for the list of commands. */
  readonly about: string;
  /** Resolves with the exit code; rejects only for what nobody foresaw. */
  run(args: readonly string[], world: CommandWorld): Promise<number>;
}

/** As in sysexits.h; every command's help says which of them it ends with. */
export const exitCodes = {
  done: 0,
  failed: 1,
  different: 2,
  usage: 64,
  unavailable: 69,
  notPermitted: 77,
  badSettings: 78,
  stopped: 130,
} as const;
