/** So often in a row has a call taken its process with it (`Owning.crashes`); what is done about it from then on. */
export const crashesUntil = {
  /** It runs in a process that has no other call, where there are several. */
  alone: 2,
  /** It is taken up to say that it is sorry, and to hang up. */
  apology: 3,
  /** Nothing is said any more: even that took a process with it. */
  end: 4,
} as const;
