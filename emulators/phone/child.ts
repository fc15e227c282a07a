import { disposeRtc, loadRtc } from '../../src/adapters/livekit/rtc.ts';
import { createPhone } from './phone.ts';
import type { FromPhones, ToPhones } from './protocol.ts';
import type { Phone } from './types.ts';

/** The process that holds phones; started by `startPhoneProcess`. Ends with its parent. */
const phones = new Map<number, Phone>();
const closeLimitMs = 5000;
/** Nobody is left to wait for us. */
const orphanLimitMs = 1500;

const send = (message: FromPhones): void => {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
};

async function serve(message: Exclude<ToPhones, { type: 'close' }>): Promise<unknown> {
  if (message.type === 'command') {
    const command = phones.get(message.phone)?.[message.name] as
      | ((...args: readonly unknown[]) => Promise<unknown>)
      | undefined;
    if (!command) throw new Error(`no phone ${message.phone}, or it has no ${message.name}`);
    return command(...message.args);
  }
  const onEvent = (event: (FromPhones & { type: 'event' })['event']) =>
    send({ type: 'event', phone: message.phone, event });
  const phone = await createPhone(message.options, { onEvent });
  phones.set(message.phone, phone);
  return { identity: phone.identity, sid: phone.sid, callId: phone.callId };
}

async function end(limitMs: number): Promise<void> {
  setTimeout(() => process.exit(1), limitMs).unref();
  await Promise.all([...phones.values()].map((phone) => phone.hangUp()));
  await disposeRtc();
  process.exit(0);
}

process.on('message', (message: ToPhones) => {
  if (message.type === 'close') return void end(closeLimitMs);
  serve(message).then(
    (value) => send({ type: 'done', request: message.request, value }),
    (error: unknown) => send({ type: 'failed', request: message.request, message: String(error) }),
  );
});
process.on('disconnect', () => void end(orphanLimitMs));
process.on('SIGTERM', () => void end(orphanLimitMs));
// Ctrl-C reaches the whole group; the parent decides.
process.on('SIGINT', () => {});

await loadRtc();
send({ type: 'ready' });
