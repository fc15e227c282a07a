import { startPhoneProcess } from '../../emulators/phone/process.ts';
import type { PhoneOptions } from '../../emulators/phone/types.ts';

/** A program with a phone in a call, until it is killed. Its argument is the phone's options as JSON. */
const phones = await startPhoneProcess();
await phones.createPhone(JSON.parse(process.argv[2]!) as PhoneOptions);
process.stdout.write(`${phones.pid}\n`);
setInterval(() => {}, 60_000);
