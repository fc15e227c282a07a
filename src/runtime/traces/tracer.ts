export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that is under way. */
export interface Span {
  set(attributes: Attributes): void;
  /** Ends it at `at`, ms since 1970; `failed` says in one word what went wrong. Once. */
  end(at: number, failed?: string): void;
}

/** Where spans go. Never throws and is never waited for. */
export interface Tracer {
  /** Begins a piece of work, at `at`, ms since 1970; without a parent a trace of its own. */
  begin(work: {
    readonly name: string;
    readonly at: number;
    readonly attributes: Attributes;
    readonly within?: Span;
  }): Span;
}
