import { type KeysNews, watchKeysFile } from '../adapters/keys-file/watch.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Logger } from '../runtime/log.ts';

/** Keeps the ring as the file of keys is, where there is one. */
export function watchKeys(
  { livekitKeysFile: path, allowInsecureLivekit, longLivekitKeys }: Config,
  { livekitKeys: ring }: Secrets,
  clock: Clock,
  log: Logger,
): { close(): void } {
  if (allowInsecureLivekit)
    log.warn(
      { code: 'livekit.insecure' },
      'ALLOW_INSECURE_LIVEKIT is set: what goes to LiveKit may be read on the way',
    );
  if (path === undefined) return { close: () => undefined };
  return watchKeysFile({ path, ring, mustBeLong: longLivekitKeys, clock, note: (news) => tell(news, log) });
}

function tell(news: KeysNews, log: Logger): void {
  if (news.type === 'changed')
    log.info({ code: 'keys.changed', signing: news.signing, keys: news.keys }, 'the file of keys was read anew');
  if (news.type === 'unusable')
    log.error(
      { code: 'keys.unusable', problems: news.problems },
      'LIVEKIT_KEYS_FILE cannot be used as it is now: the keys from before stay',
    );
  if (news.type === 'open_to_others')
    log.warn({ code: 'keys.open' }, 'LIVEKIT_KEYS_FILE may be read by others than its owner: chmod 600');
}
