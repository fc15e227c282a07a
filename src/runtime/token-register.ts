import type { Withdrawal } from '../actors/token-holder.ts';

/** A name in a room: whom tokens are for. */
export interface RoomName {
  readonly room: string;
  readonly identity: string;
}

/** Told by the register to each instance. */
export interface RegisterNews {
  /** A name was barred, here or elsewhere. */
  barred(name: RoomName): void;
  /** Some may have been barred without a word: the register could not be reached for a while. */
  missed(): void;
}

/**
 * What the instances of one LiveKit know together of clients' tokens. Every verb rejects when the register cannot be reached;
 * nothing may be concluded then. Times are kept by the register itself. Ids and names leave as they came to nobody else.
 */
export interface TokenRegister {
  /** A credential is kept by one of the instances for so long. False when its name is barred. Repeated, it lasts longer. */
  enrol(id: string, name: RoomName, forMs: number): Promise<boolean>;
  /** Whose credential an id is, whichever instance keeps it. */
  find(id: string): Promise<RoomName | undefined>;
  /** For so long nobody gets a token for this name, and every token of it is refused. Repeated, it lasts longer. */
  bar(name: RoomName, forMs: number): Promise<void>;
  isBarred(name: RoomName): Promise<boolean>;
  /** For so long this token is refused: a newer one took its place. */
  supersede(jti: string, forMs: number): Promise<void>;
  /** Why a token is refused; nothing when it is not. */
  standing(token: { readonly jti: string; readonly name: RoomName }): Promise<Withdrawal | undefined>;
  /** Tells from now on, until the end that it gives is called. */
  watch(news: RegisterNews): () => void;
  /** Idempotent. */
  close(): Promise<void>;
}
