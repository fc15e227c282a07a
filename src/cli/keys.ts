import { setTimeout as delay } from 'node:timers/promises';
import { addKey, KeysFileError, newKey, removeKey } from '../adapters/keys-file/edit.ts';
import { readRotation } from '../adapters/keys-file/rotation-file.ts';
import { probeKey } from '../adapters/livekit/api/probe-key.ts';
import { systemClock } from '../clock.ts';
import { readConfig } from '../config.ts';
import { readKeys, readKeysFile } from '../config/keys-file.ts';
import type { ApiKey } from '../key-ring.ts';
import { Secret } from '../secret.ts';
import { readArgs, readWord } from './args.ts';
import { type Command, type CommandWorld, exitCodes } from './command.ts';
import { keysHelp, listText, nextLines, rotationText } from './keys-text.ts';
import { rotate as goOn, type RotationNews } from './rotation.ts';

/** The file of LiveKit's API keys. */
export const keys: Command = { about: 'LiveKit’s API keys, in a file: list, rotate, add, remove', run };

const options = {
  file: { type: 'string' },
  to: { type: 'string' },
  'services-switched': { type: 'boolean', default: false },
  wait: { type: 'boolean', default: false },
  key: { type: 'string' },
  'secret-from': { type: 'string' },
} as const;

type Values = Extract<ReturnType<typeof readArgs<typeof options>>, { values: object }>['values'];

/** One verb with what was asked of it. */
interface Asked {
  readonly file: string;
  readonly values: Values;
  readonly rest: readonly string[];
  readonly world: CommandWorld;
}

const verbs: Readonly<Record<'list' | 'rotate' | 'add' | 'remove', (asked: Asked) => number | Promise<number>>> = {
  list,
  rotate,
  add,
  remove,
};

async function run(args: readonly string[], world: CommandWorld): Promise<number> {
  const read = readArgs(args, options);
  if ('wrong' in read) return misused(read.wrong, world);
  const { values, positionals } = read;
  if (values.help || positionals.length === 0) world.out(keysHelp);
  if (values.help || positionals.length === 0) return exitCodes.done;
  const verb = readWord(positionals[0], ['list', 'rotate', 'add', 'remove']);
  if ('wrong' in verb) return misused(verb.wrong, world);
  const file = values.file ?? world.env['LIVEKIT_KEYS_FILE']?.trim();
  if (!file) return refuse(['LIVEKIT_KEYS_FILE: is missing; or say --file'], values, world);
  const rest = positionals.slice(1);
  if (rest.length !== (verb.word === 'remove' ? 1 : 0)) return misused(`${verb.word}: ${rest.join(' ')}?`, world);
  try {
    return await verbs[verb.word]({ file, values, rest, world });
  } catch (error) {
    if (!(error instanceof KeysFileError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return refuse([(error as Error).message], values, world, exitCodes.failed);
  }
}

function misused(wrong: string, world: CommandWorld): number {
  world.note(`voicechart keys: ${wrong}\n\n${keysHelp}`);
  return exitCodes.usage;
}

function refuse(problems: readonly string[], { json }: Values, world: CommandWorld, code?: number): number {
  if (json) world.out(`${JSON.stringify({ result: 'refused', problems })}\n`);
  else for (const problem of problems) world.note(`${problem}\n`);
  return code ?? exitCodes.badSettings;
}

function tell({ values, world }: Asked, value: object, text: string): number {
  world.out(values.json ? `${JSON.stringify(value)}\n` : text);
  return exitCodes.done;
}

function list(asked: Asked): number {
  const { file, values, world } = asked;
  const { reading, isOpenToOthers } = readKeysFile(file);
  if ('problems' in reading)
    return refuse(
      reading.problems.map((problem) => `${file}: ${problem}`),
      values,
      world,
    );
  const held = [...reading.keys.keys()].map((key, at) => ({ key, signs: at === 0 }));
  const rotation = readRotation(file);
  if (isOpenToOthers) world.note(`${file} may be read by others than its owner: chmod 600 ${file}\n`);
  return tell(
    asked,
    { file, keys: held, isOpenToOthers, ...(rotation && { rotation }) },
    listText(file, held, rotation),
  );
}

function add(asked: Asked): number {
  const { file, values, world } = asked;
  const key = keyOf(asked);
  if (typeof key === 'string') return misused(`add: ${key}`, world);
  const { reading } = readKeysFile(file);
  const isNew = 'problems' in reading && reading.problems[0]?.includes('ENOENT');
  const problems = 'problems' in reading && !isNew ? reading.problems : wrongWith(key);
  if (problems.length > 0)
    return refuse(
      problems.map((problem) => `${file}: ${problem}`),
      values,
      world,
    );
  if (!addKey(file, key)) return refuse([`${file} holds ${key.apiKey} already`], values, world, exitCodes.failed);
  const what = isNew ? 'it signs' : 'it is believed and does not sign';
  return tell(asked, { result: 'added', key: key.apiKey, signs: isNew === true }, `${key.apiKey} added: ${what}\n`);
}

/** A new one; or the name and secret of one that is there already, at LiveKit Cloud for example. */
function keyOf({ values, world }: Asked): ApiKey | string {
  const made = newKey();
  const { key: apiKey = made.apiKey, 'secret-from': variable } = values;
  if (variable === undefined) return { ...made, apiKey };
  const secret = world.env[variable]?.trim();
  return secret ? { apiKey, apiSecret: new Secret(secret) } : `--secret-from: ${variable} is not set`;
}

/** As it would be read. */
function wrongWith({ apiKey, apiSecret }: ApiKey): readonly string[] {
  const reading = readKeys(JSON.stringify({ [apiKey]: apiSecret.reveal() }));
  return 'problems' in reading ? reading.problems : [];
}

function remove(asked: Asked): number {
  const { file, values, rest, world } = asked;
  const [key = ''] = rest;
  const { reading } = readKeysFile(file);
  const held = 'keys' in reading ? [...reading.keys.keys()] : [];
  if ('problems' in reading) return refuse([`${file}: ${reading.problems.join('; ')}`], values, world);
  if (!held.includes(key)) return refuse([`${file} holds no ${key}`], values, world, exitCodes.failed);
  if (held[0] === key)
    return refuse([`${key} signs: keys rotate changes to another one first`], values, world, exitCodes.failed);
  removeKey(file, key);
  return tell(asked, { result: 'removed', key }, `${key} removed\n`);
}

async function rotate(asked: Asked): Promise<number> {
  const { file, values, world } = asked;
  const { LIVEKIT_API_KEY: _key, LIVEKIT_API_SECRET: _secret, ...env } = world.env;
  const settings = readConfig({ ...env, LIVEKIT_KEYS_FILE: file });
  if ('problems' in settings) return refuse(settings.problems, values, world);
  const once = () =>
    goOn({
      path: file,
      ...(values.to === undefined ? {} : { to: values.to }),
      servicesSwitched: values['services-switched'],
      probe: (key) => probeKey(settings.config.livekitUrl, key, systemClock),
      nowMs: systemClock.now,
    });
  let news = await once();
  while (values.wait && news.step === 'old_tokens_live' && (await passed(news.until!, world.signal)))
    // oxlint-disable-next-line no-await-in-loop
    news = await once();
  return told(asked, news);
}

/** Resolves when it is then; with false when the user asks to stop before. */
const passed = (untilMs: number, signal: AbortSignal): Promise<boolean> =>
  delay(Math.max(0, untilMs - systemClock.now()), true, { signal }).catch(() => false);

function told(asked: Asked, news: RotationNews): number {
  const { file, world } = asked;
  tell(asked, { ...news, next: nextLines(file, news).join(' ') }, rotationText(file, news));
  if (world.signal.aborted) return exitCodes.stopped;
  if (news.failure) return exitCodes.unavailable;
  return news.step === 'finished' ? exitCodes.done : exitCodes.different;
}
