import { parseArgs } from 'node:util';
import { disposeRtc } from '../../src/adapters/livekit/rtc.ts';
import { createPhone } from './phone.ts';
import { refusals, type RefusalCase } from './refusal.ts';
import type { Phone, PhoneEvent } from './types.ts';

const usage = `Calls into a LiveKit room as a SIP participant.

  node emulators/phone/main.ts --room NAME [--say 'words'] [--wav FILE] [--digits 12#] [--stay SECONDS]
      [--from +15550199] [--to +15550100] [--refuse CASE] [--json]

Server and key come from LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET. What is to be said is said once the call is
answered and the other side has been quiet for a second; then it listens for --stay seconds (10) and hangs up. --refuse: the gateway turns the call away
(${Object.keys(refusals).join(', ')}).`;

const { values } = parseArgs({
  options: {
    room: { type: 'string' },
    say: { type: 'string', multiple: true },
    wav: { type: 'string', multiple: true },
    digits: { type: 'string' },
    stay: { type: 'string', default: '10' },
    from: { type: 'string', default: '+15550199' },
    to: { type: 'string', default: '+15550100' },
    refuse: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const env = process.env;
const missing = ['LIVEKIT_URL', 'LIVEKIT_API_KEY', 'LIVEKIT_API_SECRET'].filter((name) => !env[name]);
if (values.help || !values.room || missing.length > 0) {
  if (!values.help) console.error(`missing: ${[...(values.room ? [] : ['--room']), ...missing].join(', ')}\n`);
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

const show = (event: PhoneEvent): void => {
  if (values.json) console.log(JSON.stringify(event));
  else if (event.type === 'heard.word') console.log(`heard  ${event.text}`);
  else if (event.type === 'ended') console.log(`ended  ${event.reason} (${event.sip})`);
  else console.log(event.type);
};
const phone = await dial(values.room).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
const ended = phone.when('ended', undefined, 2 ** 31 - 1);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void phone.hangUp());

await Promise.race([talk().then(() => phone.hangUp()), ended]);
await ended;
await disposeRtc();

function dial(room: string): Promise<Phone> {
  return createPhone(
    {
      livekitUrl: env['LIVEKIT_URL']!,
      apiKey: env['LIVEKIT_API_KEY']!,
      apiSecret: env['LIVEKIT_API_SECRET']!,
      room,
      from: values.from,
      to: values.to,
      ...(values.refuse === undefined ? {} : { refuse: values.refuse as RefusalCase }),
    },
    { onEvent: show },
  );
}

async function talk(): Promise<void> {
  await phone.when('active', undefined, 2 ** 31 - 1);
  await quiet();
  for (const text of values.say ?? []) {
    await phone.sayWords(text);
    await quiet();
  }
  for (const path of values.wav ?? []) {
    await phone.playWav(path);
    await quiet();
  }
  if (values.digits) await phone.sendDigits(values.digits);
  await pause(1000 * Number(values.stay));
}

/** The other side has said nothing for a second. */
async function quiet(): Promise<void> {
  await pause(1000);
  while (isLoud()) await pause(50);
}

function isLoud(): boolean {
  const last = phone.events().findLast(({ type }) => type === 'sound.began' || type === 'sound.ended');
  return last?.type === 'sound.began' || Date.now() - (last?.atMs ?? 0) < 1000;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms));
}
