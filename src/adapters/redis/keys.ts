import { hash } from 'node:crypto';

/**
 * What stands for a call or a room in names, of keys and of channels: both hold the caller's number, and names come up in monitors, slow
 * logs and backups.
 */
export const named = (name: string): string => hash('sha256', name, 'base64url');

/**
 * Names of what calls keep in Redis. Scripts know some of them from what was stored (a room's, by its calls), so that all of them must lie on one
 * Redis: one server, or one with replicas and Sentinels, never a Cluster.
 */
export const keys = {
  /** Keys of open calls, by when they were opened. */
  open: 'voicechart:calls',
  /** A hash: room and the key of the room, epoch, whether its owner knows of it, since when he has it, which commit is stored. As long as the call is open. */
  call: (callKey: string): string => `voicechart:call:${named(callKey)}`,
  /** A hash: the record in pieces. As long as the call is open. */
  record: (callKey: string): string => `voicechart:record:${named(callKey)}`,
  /** Letters by position. As long as the call is open; 24 h before it is. */
  mail: (callKey: string): string => `voicechart:mail:${named(callKey)}`,
  /** Ids of events by when they came: 24 h. */
  seen: (callKey: string): string => `voicechart:seen:${named(callKey)}`,
  /** Tombstone: 24 h. */
  ended: (callKey: string): string => `voicechart:ended:${named(callKey)}`,
  /** Keys of the open calls of a room. */
  room: (room: string): string => `voicechart:room:${named(room)}`,
  /** A hash of calls out by call: 24 h from their end. */
  dials: 'voicechart:dials',
  /** Keys of calls by position of their first entry. */
  logs: 'voicechart:logs',
  /** A list of a call's entries. */
  log: (callKey: string): string => `voicechart:log:${named(callKey)}`,
  /** A hash: epoch, number of entries, summary. */
  logged: (callKey: string): string => `voicechart:logged:${named(callKey)}`,
  /** Ids of egresses by position, and of those that are not over. */
  egresses: 'voicechart:egresses',
  openEgresses: 'voicechart:egresses:open',
  egress: (id: string): string => `voicechart:egress:${id}`,
  egressOfCall: (callKey: string): string => `voicechart:egress-of:${named(callKey)}`,
  /** The last position that was given to a letter, a call, or an egress. */
  position: 'voicechart:position',
};
