import type { AudioPreset, IngressChange, IngressRequest, MediaFormat, VideoPreset } from '../ingress.ts';
import type { Secret } from '../secret.ts';

/** A way for media to come into a room from outside, as LiveKit has it now. Never with its key. */
export interface IngressSummary {
  readonly id: string;
  readonly name: string;
  readonly input: IngressRequest['input'];
  readonly room: string;
  /** Of the participant that the media is published as. */
  readonly identity: string;
  readonly participantName: string;
  /** As it was given; JSON in those of ours. */
  readonly metadata: string;
  /** Where to send to, without the key, or where it is pulled from. Empty when LiveKit's settings do not say. */
  readonly url: string;
  /** `false`: who comes with the key is turned away. */
  readonly enabled: boolean;
  /** `false`: sent on as it comes; WebRTC alone can be. */
  readonly transcode: boolean;
  readonly audio?: { readonly preset: AudioPreset };
  readonly video?: { readonly preset: VideoPreset };
  readonly state: 'inactive' | 'buffering' | 'publishing' | 'error' | 'complete';
  /** What went wrong, in LiveKit's words. */
  readonly error?: string;
}

/** One just made. `key` is what whoever sends must know; there is none where media is pulled. */
export interface NewIngress {
  readonly ingress: IngressSummary;
  readonly key?: Secret;
}

/**
 * LiveKit's ingresses. What fails rejects with a `ControlError`; nothing is tried twice. Making one twice makes two: after an
 * unknown outcome `made` tells.
 */
export interface Ingresses {
  create(request: IngressRequest): Promise<NewIngress>;
  /** The one that such a request made, of this room, identity, name and input. */
  made(request: IngressRequest): Promise<NewIngress | undefined>;
  /** Those not named stay; what is pulled cannot be changed (`invalid`). */
  update(id: string, change: IngressChange): Promise<IngressSummary>;
  /** All, or those of a room. */
  list(room?: string): Promise<readonly IngressSummary[]>;
  get(id: string): Promise<IngressSummary>;
  /** Ends what it publishes, too. */
  delete(id: string): Promise<void>;
}

/** Where media is in the end, after redirects, and what it is; or why it may not be pulled. */
export type SourceFinding = { readonly url: string; readonly format: MediaFormat } | { readonly problem: string };

/**
 * Looks at an address from outside before LiveKit does: each hop's address, what its host's name resolves to, and what comes.
 * Ends within seconds; never rejects.
 */
export interface SourceProbe {
  look(url: string): Promise<SourceFinding>;
}
