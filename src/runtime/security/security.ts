import type { Clock } from '../../clock.ts';
import type { Alerts } from '../alerts.ts';
import type { Logger } from '../log.ts';
import { type BlockShare, unshared } from './block-share.ts';
import { type Block, type Blocks, createBlocks } from './blocks.ts';
import { ruleOf, type Signal, signals, type Source } from './signals.ts';
import { createTally, type Tally } from './tally.ts';

interface SecurityOptions {
  readonly alerts: Pick<Alerts, 'raise'>;
  readonly log: Pick<Logger, 'warn' | 'info'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Stands for a source in logs and alerts: the same for the same one, and of no use to whoever reads it. */
  readonly pseudonym: (source: Source) => string;
  /** From one number within a minute. */
  readonly callsPerMinute: number;
  readonly share?: BlockShare | undefined;
}

/** Counts what is suspicious, tells of it, and refuses its source for a while (SPEC R8.5). Never waits, never throws. */
export interface Security {
  saw(signal: Signal, source: Source): void;
  /** Why this source is to be refused now. */
  blockOf(source: Source): Block | undefined;
  list: Blocks['list'];
  /** False when there is no such block. */
  clear(id: string): boolean;
  close(): Promise<void>;
}

/** Of each signal; in all some megabytes. */
const mostSources = 10_000;

export function createSecurity(options: SecurityOptions): Security {
  const { alerts, log, clock, pseudonym, callsPerMinute, share = unshared } = options;
  const blocks = createBlocks(clock);
  const mostOf = (signal: Signal): number => (signal === 'call_burst' ? callsPerMinute + 1 : ruleOf(signal).most);
  const tallies = new Map<Signal, Tally>(
    (Object.keys(signals) as Signal[]).map((signal) => {
      const { withinMs } = ruleOf(signal);
      return [signal, createTally({ most: mostOf(signal), withinMs, mostSources, clock })];
    }),
  );
  const unwatch = share.watch({ blocked: (made) => void blocks.add(made), cleared: (id) => void blocks.remove(id) });

  function block(signal: Signal, source: Source): number {
    const { blockMs } = ruleOf(signal);
    if (blockMs === undefined || source.kind === 'identity') return 0;
    const made = { id: pseudonym(source), source, why: signal, since: clock.now(), until: clock.now() + blockMs };
    if (blocks.add(made)) share.blocked(made);
    return blockMs;
  }
  function tell(signal: Signal, source: Source, blockedMs: number): void {
    const { code, says, withinMs } = ruleOf(signal);
    const facts = { kind: source.kind, source: pseudonym(source), count: mostOf(signal), withinMs, blockedMs };
    log.warn({ code: `security.${code}`, ...facts }, `${facts.count} ${says}, from one source`);
    const then = blockedMs > 0 ? `; it is refused for ${blockedMs / 60_000} min` : '';
    alerts.raise({
      kind: 'suspicious',
      target: signal,
      severity: 'warning',
      summary: `${facts.count} ${says} within ${withinMs / 60_000} min from one source${then}`,
      facts: { code, ...facts },
    });
  }

  return {
    saw(signal, source) {
      if (tallies.get(signal)!.reaches(`${source.kind} ${source.value}`)) tell(signal, source, block(signal, source));
    },
    blockOf: blocks.find,
    list: blocks.list,
    clear(id) {
      if (!blocks.remove(id)) return false;
      share.cleared(id);
      log.info({ code: 'security.block_cleared', id }, 'a source is refused no longer');
      return true;
    },
    async close() {
      unwatch();
      await share.close();
    },
  };
}
