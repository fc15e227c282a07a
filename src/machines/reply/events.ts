import type { ClipFact } from '../../actors/play-clip.ts';
import type { ToolFact } from '../../actors/run-tools.ts';
import type { SpeakFact } from '../../actors/speak.ts';
import type { ThinkFact } from '../../actors/think.ts';

/** What a call tells its reply. */
export type ReplyCommand =
  /** The turn is certain: tools may run, everything may be said. */
  | { readonly type: 'reply.confirm' }
  /** The caller has begun to hear silence although the turn is not over. */
  | { readonly type: 'reply.starved' };

/** Raised by one region for another. */
export type ReplyRaised =
  | { readonly type: 'words.owed'; readonly text: string }
  /** Nothing more will be owed. */
  | { readonly type: 'words.ended' };

export type ReplyEvent = ReplyCommand | ReplyRaised | ThinkFact | SpeakFact | ClipFact | ToolFact;
