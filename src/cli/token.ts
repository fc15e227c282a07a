import { randomUUID } from 'node:crypto';
import { text as readAll } from 'node:stream/consumers';
import { stdin } from 'node:process';
import { createTokenSigner } from '../adapters/jose/token-signer.ts';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { Secret } from '../secret.ts';
import {
  claimsOf,
  judgeGrants,
  judgeTimes,
  longestLifeSeconds,
  presetNames,
  type Right,
  rights,
  type TokenClaims,
  type TokenRequest,
} from '../token.ts';
import { readArgs, readWord } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { rightsOf, shownText, tokenHelp, type Verdict } from './token-text.ts';

/** Tokens made and read without a server. */
export const token: Command = { about: 'tokens for participants: create, show', run };

const options = {
  room: { type: 'string' },
  identity: { type: 'string' },
  preset: { type: 'string', default: 'viewer' },
  name: { type: 'string' },
  metadata: { type: 'string' },
  attribute: { type: 'string', multiple: true },
  life: { type: 'string' },
  right: { type: 'string', multiple: true },
} as const;

type Values = Extract<ReturnType<typeof readArgs<typeof options>>, { values: object }>['values'];

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const asked = readArgs(args, options);
  if ('wrong' in asked) return misused(asked.wrong, world);
  const { values, positionals } = asked;
  if (values.help || positionals.length === 0) world.out(tokenHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['create', 'show']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  return verb.word === 'create'
    ? create(positionals.slice(1), values, world)
    : show(positionals.slice(1), values, world);
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart token: ${wrong}\n\n${tokenHelp}`);
  return exitCodes.usage;
}

function signerFor(world: CommandWorld, json: boolean) {
  const settings = readConfig(world.env);
  if (!('problems' in settings)) {
    const { config, secrets } = settings;
    return { config, signer: createTokenSigner(secrets.livekitKeys) };
  }
  if (json) world.out(`${JSON.stringify({ result: 'refused', problems: settings.problems })}\n`);
  else for (const problem of settings.problems) world.note(`${problem}\n`);
  return undefined;
}

async function create(rest: readonly string[], values: Values, world: CommandWorld): Promise<number> {
  const request = readRequest(rest, values);
  if (typeof request === 'string') return misused(request, world);
  const made = signerFor(world, values.json);
  if (made === undefined) return exitCodes.badSettings;
  const { signer, config } = made;
  const claims = claimsOf(request, signer.apiKey, { jti: randomUUID(), atMs: systemClock.now() });
  const signed = await signer.sign(claims);
  if (!(signed instanceof Secret)) throw new Error(signed.message);
  const { identity, room, preset } = request;
  const facts = { identity, room, preset, expiresAt: claims.exp * 1000, url: config.livekitUrl };
  world.out(values.json ? `${JSON.stringify({ token: signed.reveal(), ...facts })}\n` : `${signed.reveal()}\n`);
  if (!values.json) world.note(`${preset} ${identity} in ${room}, until ${new Date(facts.expiresAt).toISOString()}\n`);
  if (!values.json && preset === 'caller' && !room.startsWith(config.roomPrefix))
    world.note(`no agent answers there: the room does not begin with ROOM_PREFIX, ${config.roomPrefix}\n`);
  return exitCodes.done;
}

function readRequest(rest: readonly string[], values: Values): TokenRequest | string {
  if (rest.length > 0) return `create takes options only, not ${rest.join(' ')}`;
  const { room, identity, name, metadata } = values;
  if (!room || !identity) return 'create needs --room and --identity';
  if ([room, identity].some((each) => Buffer.byteLength(each) > 256))
    return '--room and --identity have at most 256 bytes';
  const preset = readWord(values.preset, presetNames);
  if ('wrong' in preset) return `--preset: ${preset.wrong}`;
  const lifeSeconds = Number(values.life ?? longestLifeSeconds);
  if (!Number.isInteger(lifeSeconds) || lifeSeconds < 10 || lifeSeconds > longestLifeSeconds)
    return `--life: a whole number from 10 to ${longestLifeSeconds}, not ${JSON.stringify(values.life)}`;
  const pairs = (values.attribute ?? []).map((pair) => /^([^=]+)=(.*)$/su.exec(pair)?.slice(1) ?? []);
  if (pairs.some((pair) => pair.length === 0)) return '--attribute: KEY=VALUE';
  const attributes = Object.fromEntries(pairs) as Record<string, string>;
  return {
    preset: preset.word,
    room,
    identity,
    lifeSeconds,
    ...(name === undefined ? {} : { name }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(pairs.length === 0 ? {} : { attributes }),
  };
}

async function show(rest: readonly string[], values: Values, world: CommandWorld): Promise<number> {
  const [given] = rest;
  if (given === undefined || rest.length > 1) return misused('show takes one token, or - for standard input', world);
  const wanted = (values.right ?? []).map((right) => readWord(right, rights));
  const wrong = wanted.find((each) => 'wrong' in each);
  if (wrong && 'wrong' in wrong) return misused(`--right: ${wrong.wrong}`, world);
  const made = signerFor(world, values.json);
  if (made === undefined) return exitCodes.badSettings;
  const found = await made.signer.read((given === '-' ? await readAll(stdin) : given).trim());
  const claims = 'fault' in found ? undefined : found;
  const demanded = wanted.flatMap((each) => ('word' in each ? [each.word] : []));
  const verdict = 'fault' in found ? found : judge(found, demanded, values.room);
  world.out(
    values.json ? `${JSON.stringify(shownJson(verdict, claims))}\n` : shownText(verdict, claims, systemClock.now()),
  );
  return verdict === undefined ? exitCodes.done : exitCodes.failed;
}

function judge(claims: TokenClaims, demanded: readonly Right[], room: string | undefined): Verdict {
  const untimely = judgeTimes(claims, systemClock.now());
  if (untimely !== undefined) return untimely;
  // A token for LiveKit's API is for no room.
  const own = claims.video.room ?? '';
  if (room !== undefined && own !== room) return judgeGrants(claims, { rights: demanded, room });
  return demanded.length === 0 ? undefined : judgeGrants(claims, { rights: demanded, room: room ?? own });
}

const shownJson = (verdict: Verdict, claims: TokenClaims | undefined) => ({
  valid: verdict === undefined,
  ...verdict,
  ...(claims === undefined ? {} : { claims, rights: rightsOf(claims) }),
});
