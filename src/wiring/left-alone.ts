import type { Logger } from '../runtime/log.ts';

/** A promise that was left alone is an error of ours, of an agent's tool or of a library's: it is told, and takes no calls with it. */
export const tellLeftAlone = (log: Pick<Logger, 'error'>): void =>
  void process.on('unhandledRejection', (error) =>
    log.error({ code: 'unhandled', error: String(error) }, 'a promise was left alone'),
  );
