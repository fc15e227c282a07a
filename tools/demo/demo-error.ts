const exitCodes = { usage: 2, unavailable: 69 } as const;

/** What a visitor can put right, in one line. */
export class DemoError extends Error {
  readonly exitCode: number;

  constructor(kind: keyof typeof exitCodes, message: string) {
    super(message);
    this.name = 'DemoError';
    this.exitCode = exitCodes[kind];
  }
}

/** The exit code and the words for whatever ended the demo before its call was over. */
export function endOf(error: unknown): { readonly exitCode: number; readonly message: string } {
  const message = error instanceof Error ? error.message : String(error);
  return { exitCode: error instanceof DemoError ? error.exitCode : exitCodes.unavailable, message };
}
