import type { HostedTokenDesk } from '../token-desk.ts';
import type { Metrics } from './metrics.ts';

/** A desk of which is counted what was asked, and how that went. */
export function countedTokens(desk: HostedTokenDesk, metrics: Metrics): HostedTokenDesk {
  async function counted<Result>(
    operation: 'issue' | 'check' | 'revoke',
    doing: Promise<Result>,
    wasRefused: (result: Result) => boolean,
  ): Promise<Result> {
    try {
      const result = await doing;
      metrics.add('voicechart_tokens_total', { operation, result: wasRefused(result) ? 'refused' : 'ok' });
      return result;
    } catch (error) {
      metrics.add('voicechart_tokens_total', { operation, result: 'failed' });
      throw error;
    }
  }
  return {
    ...desk,
    issue: (request) => counted('issue', desk.issue(request), (issued) => typeof issued === 'string'),
    check: (token, demand) => counted('check', desk.check(token, demand), (said) => 'fault' in said),
    revoke: (id) => counted('revoke', desk.revoke(id), (found) => !found),
  };
}
