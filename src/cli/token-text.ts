import { rights, type TokenClaims, type TokenRefusal, judgeGrants } from '../token.ts';

export const tokenHelp = `Usage: voicechart token <verb> [options]

Tokens with which somebody joins a room, made and read here, without a server.
A token is for one room and lives ten minutes at most; a connection outlives it.
An instance gives them out too, and a new one before the old one ends: see
POST /v1/tokens and docs/tokens.md.

  create                   prints a token
    --room ROOM            an agent answers in rooms that begin with ROOM_PREFIX
    --identity NAME        LiveKit puts out whoever has the same name in a room
    --preset PRESET        viewer (the default), camera, caller, agent,
                           recorder or admin
    --name, --metadata TEXT, --attribute KEY=VALUE     shown to others
    --life SECONDS         from 10 to 600, the default

  show TOKEN               what a token says, and whether it is valid now;
                           - reads it from standard input
    --room ROOM            it must be for this room
    --right RIGHT          it must allow this, such as canPublish; once or more

  --json                   one line of JSON
  -h, --help               this text

Settings: LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, ROOM_PREFIX.
The secret is never printed.

Exit codes:
  0   done; show: the token is valid now     1   show: it is not
  64  this command is written otherwise     78   a setting is wrong
`;

/** Nothing, when it is valid now. */
export type Verdict = TokenRefusal | undefined;

/** What its claims allow. */
export const rightsOf = (claims: TokenClaims): readonly string[] =>
  rights.filter((right) => judgeGrants(claims, { rights: [right], room: claims.video.room ?? '' }) === undefined);

/** What a token says, for a person. `claims` are left out where nobody vouches for them. */
export function shownText(verdict: Verdict, claims: TokenClaims | undefined, nowMs: number): string {
  const lines = claims === undefined ? [] : claimLines(claims, nowMs);
  return [verdictLine(verdict), ...lines].map((line) => `${line}\n`).join('');
}

function verdictLine(verdict: Verdict): string {
  if (verdict === undefined) return 'valid';
  const stricter = verdict.stricter === undefined ? '' : ` (LiveKit itself takes it; we do not: ${verdict.stricter})`;
  return `not valid: ${verdict.message}${stricter}`;
}

function claimLines(claims: TokenClaims, nowMs: number): readonly string[] {
  const { sub, video, iss, exp, attributes = {}, name, metadata } = claims;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['identity', sub],
    ['room', video.room],
    ['name', name],
    ['metadata', metadata],
    ['may', rightsOf(claims).join(', ') || 'nothing'],
    ['sources', video.canPublishSources?.join(', ')],
    [
      'attributes',
      Object.entries(attributes)
        .map((pair) => pair.join('='))
        .join(', ') || undefined,
    ],
    ['signed by', iss],
    ['until', `${new Date(exp * 1000).toISOString()} (${awayText(exp * 1000 - nowMs)})`],
  ];
  return facts.flatMap(([label, value]) => (value === undefined ? [] : [`  ${label.padEnd(11)}${value}`]));
}

function awayText(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  const long = seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return ms >= 0 ? `${long} left` : `${long} ago`;
}
