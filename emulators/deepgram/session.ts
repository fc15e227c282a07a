import type { Recogniser } from './recogniser.ts';
import type { Settings } from '../kit/settings.ts';
import type { DeepgramSettings } from './settings.ts';

/** What a session of either API works with. */
export interface SessionContext {
  readonly requestId: string;
  readonly query: URLSearchParams;
  readonly settings: Settings<DeepgramSettings>;
  readonly recogniser: Recogniser;
  /** Sends one message; a fault may hold it back, spoil it or end the connection. */
  send(message: Readonly<Record<string, unknown>>): void;
  /** Closes; 1005 means without a status. */
  close(code: number, reason?: string): void;
}

export interface Session {
  /** The upgrade is done. */
  open(): void;
  /** True when audio is taken now. */
  hearing(): boolean;
  /** 10 ms of audio went by. */
  advance(onset: boolean): void;
  /** A text message of a known shape or not. */
  receive(message: { readonly type?: unknown; readonly [field: string]: unknown } | undefined): void;
  /** An empty binary frame, or CloseStream. */
  finish(): void;
  /** Nothing came for too long. `audio`: when the last audio came, `any`: when anything came, ms ago. */
  starved(since: { readonly audioMs: number; readonly anyMs: number }): void;
}

export const textOf = (words: readonly { readonly text: string }[]): string => words.map(({ text }) => text).join(' ');

export const seconds = (ms: number): number => Math.round(ms) / 1000;
