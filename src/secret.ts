const hidden = '[secret]';
const inspectCustom = Symbol.for('nodejs.util.inspect.custom');

/** A value that prints as `[secret]` wherever it is logged, joined, inspected or made JSON of. Only `reveal` gives it out. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; call it only where it is handed to the client that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** The text with `[secret]` in its place. */
  hideIn(text: string): string {
    return text.replaceAll(this.#value, hidden);
  }

  toString(): string {
    return hidden;
  }

  toJSON(): string {
    return hidden;
  }

  [inspectCustom](): string {
    return hidden;
  }
}
