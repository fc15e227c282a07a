import { createHmac, randomBytes } from 'node:crypto';
import { createRedisBlockShare } from '../adapters/redis/block-share.ts';
import type { Clock } from '../clock.ts';
import type { Config, Secrets } from '../config.ts';
import type { Alerts } from '../runtime/alerts.ts';
import type { Intake } from '../runtime/intake.ts';
import type { Logger } from '../runtime/log.ts';
import type { Outbound } from '../runtime/outbound.ts';
import type { RoomGate } from '../runtime/room-admission.ts';
import { createSecurity, type Security } from '../runtime/security/security.ts';
import type { Source } from '../runtime/security/signals.ts';
import { callerGate, guardedOutbound, tellingAborts } from '../runtime/security/telephones.ts';
import type { RoomName } from '../runtime/token-register.ts';

/** What counts who is suspicious, with the places where it stands. */
export interface SecurityPosts extends Security {
  callers(next: RoomGate | undefined): RoomGate;
  intake(intake: Intake): Intake;
  outbound(outbound: Outbound): Outbound;
  /** A name that was revoked was used. */
  reused(name: RoomName): void;
}

interface SecurityParts {
  readonly config: Pick<Config, 'security' | 'outbound'>;
  readonly secrets: Pick<Secrets, 'livekitKeys' | 'redisUrl'>;
  readonly alerts: Alerts;
  readonly clock: Clock;
  readonly log: Logger;
}

export function openSecurity({ config, secrets, alerts, clock, log }: SecurityParts): SecurityPosts {
  const { premium, callsPerMinute } = config.security;
  const security = createSecurity({
    alerts,
    log,
    clock,
    callsPerMinute,
    pseudonym: pseudonymBy(secrets),
    share: secrets.redisUrl && createRedisBlockShare({ url: secrets.redisUrl, clock }),
  });
  const posts = { security, clock, premium };
  return {
    ...security,
    callers: (next) => callerGate(posts, next),
    intake: (intake) => tellingAborts(intake, posts),
    outbound: (outbound) => guardedOutbound(outbound, { ...posts, allow: config.outbound?.allow ?? [] }),
    reused: ({ room, identity }) =>
      security.saw('token_reuse', { kind: 'identity', value: JSON.stringify([room, identity]) }),
  };
}

/** Keyed, since there are few numbers; by the key that instances have in common, so that the same source is the same in their logs. */
function pseudonymBy({ livekitKeys }: Pick<Secrets, 'livekitKeys'>): (source: Source) => string {
  const [secret] = livekitKeys.all().values();
  const key = createHmac('sha256', secret?.reveal() ?? randomBytes(32))
    .update('voicechart pseudonym')
    .digest();
  return ({ kind, value }) => createHmac('sha256', key).update(`${kind} ${value}`).digest('base64url').slice(0, 12);
}
