import { createSocket, type RemoteInfo } from 'node:dgram';
import { createJournal, type Journal } from '../kit/journal.ts';
import { createSettings, type Settings } from '../kit/settings.ts';
import { type SipCall, takeCall } from './call.ts';
import { answerTo, headerOf, methodOf, readMessage, type SipMessage, writeMessage } from './message.ts';
import { type TelephoneSettings, type TelephoneSettingsInput, telephoneShape } from './settings.ts';

/** Telephones of all numbers at one address, SIP over UDP: what an outbound trunk reaches. */
export interface SipExchange {
  /** `host:port`, the address of the trunk. */
  readonly address: string;
  readonly settings: Settings<TelephoneSettings>;
  readonly journal: Journal;
  /** Calls that came, newest last, ended ones too. */
  calls(): readonly SipCall[];
  /** The first call to this number that was not asked for before, past or to come. */
  called(number: string): Promise<SipCall>;
  /** Hangs up. */
  close(): Promise<void>;
}

/**
 *     const exchange = await openSipExchange({ callees: { '+15550101': { does: 'refuse', status: 486 } } });
 *     const call = await exchange.called('+15550102');
 *     await call.phone.sayWords('hello');    // also call.answer(), refuse(603), hangUp()
 */
export async function openSipExchange(initial: TelephoneSettingsInput = {}, host = '127.0.0.1'): Promise<SipExchange> {
  const journal = createJournal();
  const settings = createSettings(telephoneShape, initial);
  const socket = createSocket('udp4');
  const byId = new Map<string, Promise<SipCall>>();
  const calls: SipCall[] = [];
  const asked = new WeakSet<SipCall>();
  const waiting: { readonly number: string; readonly take: (call: SipCall) => void }[] = [];

  socket.on('message', (bytes, from) => {
    const message = readMessage(bytes.toString('utf8'));
    if (message) void take(message, from);
  });

  async function take(message: SipMessage, from: RemoteInfo): Promise<void> {
    const id = headerOf(message, 'call-id');
    const send = (answer: SipMessage) => socket.send(writeMessage(answer), from.port, from.address);
    const known = byId.get(id);
    if (known) return (await known).take(message);
    if (methodOf(message) === 'INVITE') return begin(id, message, send);
    if (methodOf(message) && methodOf(message) !== 'ACK')
      send(answerTo(message, { status: 481, reason: 'Call/Transaction Does Not Exist', tag: 'none' }));
  }

  async function begin(id: string, invite: SipMessage, send: (message: SipMessage) => void): Promise<void> {
    const coming = takeCall({ invite, send, host, contact: `sip:telephone@${address}`, journal, settings });
    byId.set(id, coming);
    const call = await coming;
    calls.push(call);
    const at = waiting.findIndex(({ number }) => number === call.number);
    if (at >= 0) hand(call, waiting.splice(at, 1)[0]!.take);
  }

  function hand(call: SipCall, to: (call: SipCall) => void): void {
    asked.add(call);
    to(call);
  }

  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(0, host, resolve);
  });
  // Whoever called is gone.
  socket.on('error', () => undefined);
  const address = `${host}:${socket.address().port}`;
  return {
    address,
    settings,
    journal,
    calls: () => calls,
    called(number) {
      return new Promise((resolve) => {
        const past = calls.find((call) => call.number === number && !asked.has(call));
        if (past) hand(past, resolve);
        else waiting.push({ number, take: resolve });
      });
    },
    async close() {
      await Promise.all(calls.map((call) => call.status !== 'ended' && call.hangUp()));
      socket.close();
    },
  };
}
