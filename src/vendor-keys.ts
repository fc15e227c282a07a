import { Secret } from './secret.ts';

/**
 * The keys of one account at a vendor: as a secret it is the one in use. Whoever opens a connection or asks something reveals it then,
 * and not before: which one it is changes while calls run.
 */
export class VendorKeys extends Secret {
  readonly #keys: readonly Secret[];
  #used: Secret;

  /** The first one is used. */
  constructor(first: Secret, ...others: readonly Secret[]) {
    super(first.reveal());
    this.#keys = [first, ...others];
    this.#used = first;
  }

  override reveal(): string {
    return this.#used.reveal();
  }

  /** Of the same text with none of the keys in it. */
  override hideIn(text: string): string {
    return this.#keys.reduce((hidden, key) => key.hideIn(hidden), text);
  }

  /** Those that are not in use: the one after it first. */
  others(): readonly Secret[] {
    const at = this.#keys.indexOf(this.#used);
    return [...this.#keys.slice(at + 1), ...this.#keys.slice(0, at)];
  }

  /** From now on this one. */
  use(key: Secret): void {
    this.#used = key;
  }

  /** Which one is in use, from 0; the same in every process that has the same setting. */
  place(): number {
    return this.#keys.indexOf(this.#used);
  }

  useAt(place: number): void {
    this.#used = this.#keys[place] ?? this.#used;
  }
}
