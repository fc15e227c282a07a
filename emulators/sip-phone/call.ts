import { randomBytes } from 'node:crypto';
import type { Journal } from '../kit/journal.ts';
import type { Settings } from '../kit/settings.ts';
import { phraseOf, ringsBefore } from '../livekit/sip/status.ts';
import type { TelephoneSettings } from './settings.ts';
import { createDialog, type Send } from './dialog.ts';
import { answerTo, askedUri, headerOf, methodOf, type SipHeader, type SipMessage, uriOf } from './message.ts';
import { readOffer, writeAnswer } from './sdp.ts';
import { type Handset, openSound } from './sound.ts';
import { followRefer } from './transfer.ts';

/** From the INVITE to the `180 Ringing` of a telephone that rings. */
const ringAfterMs = 20;

/** A call that reached this telephone. */
export interface SipCall {
  readonly number: string;
  readonly invite: SipMessage;
  readonly status: 'dialing' | 'ringing' | 'active' | 'ended';
  readonly phone: Handset;
  ring(): Promise<void>;
  answer(): Promise<void>;
  refuse(status: number, reason?: string): Promise<void>;
  /** BYE. Resolves when it has been answered. */
  hangUp(): Promise<void>;
  /** A message of this call from the other side. */
  take(message: SipMessage): void;
}

/** Takes an INVITE and does what the settings say of its number. `contact` is our own address. */
export async function takeCall(parts: {
  readonly invite: SipMessage;
  readonly send: Send;
  /** Where its sound comes to. */
  readonly host: string;
  readonly contact: string;
  readonly journal: Journal;
  readonly settings: Settings<TelephoneSettings>;
}): Promise<SipCall> {
  const { invite, send, host, contact, journal, settings } = parts;
  const number = decodeURIComponent(/^sips?:([^@;]*)/.exec(askedUri(invite))?.[1] ?? '');
  const callee = settings.values.callees[number] ?? settings.values.callee;
  const tag = randomBytes(6).toString('hex');
  const ours: SipHeader = ['contact', `<${contact}>`];
  const dialog = createDialog({ invite, tag, contact: ours, send });
  const sound = await openSound(host);
  const timers = new Set<NodeJS.Timeout>();
  let status: SipCall['status'] = 'dialing';
  let last: SipMessage | undefined;

  const isOpen = (): boolean => status === 'dialing' || status === 'ringing';
  const later = (delayMs: number, run: () => Promise<void>) => void timers.add(setTimeout(() => void run(), delayMs));

  function reply(code: number, headers: readonly SipHeader[] = [ours], body = '', reason = phraseOf(code)): void {
    last = answerTo(invite, { status: code, reason, tag, headers, body });
    send(last);
  }

  /** Of an INVITE that came again, its answer may have been lost. */
  const repeat = () => void (last !== undefined && send(last));

  async function end(why: string): Promise<void> {
    if (status === 'ended') return;
    status = 'ended';
    journal.note('call.ended', { number, why });
    for (const timer of timers) clearTimeout(timer);
    await sound.close();
  }

  async function ring(): Promise<void> {
    if (status !== 'dialing') return;
    status = 'ringing';
    reply(180);
  }

  async function answer(): Promise<void> {
    if (!isOpen()) return;
    const offer = readOffer(invite.body);
    if (!offer) return refuse(488);
    status = 'active';
    sound.open(offer);
    reply(200, [ours, ['content-type', 'application/sdp']], writeAnswer(offer, { host, port: sound.port }));
    if (callee.hangUpAfterMs !== undefined) later(callee.hangUpAfterMs, hangUp);
  }

  async function refuse(code: number, reason?: string): Promise<void> {
    if (!isOpen()) return;
    reply(code, [], '', reason);
    await end(`refused ${code}`);
  }

  async function hangUp(): Promise<void> {
    if (status !== 'active') return refuse(480);
    const answered = dialog.request('BYE');
    await end('hung up');
    await answered;
  }

  function take(message: SipMessage): void {
    const method = methodOf(message);
    journal.note('sip.received', { number, start: message.start });
    if (method === undefined) dialog.answered(message);
    else if (method === 'INVITE') repeat();
    else if (method === 'REFER') refer(message);
    else if (method !== 'ACK') {
      send(answerTo(message, { status: 200, reason: 'OK', tag }));
      if (method === 'CANCEL' && isOpen()) reply(487, []);
      if (method === 'CANCEL' || method === 'BYE') void end(method);
    }
  }

  function refer(message: SipMessage): void {
    const target = uriOf(headerOf(message, 'refer-to'));
    const plan = settings.values.transfers[target] ?? settings.values.transfer;
    journal.note('transfer.referred', { number, target });
    void followRefer({ message, plan, tag, contact: ours, send, dialog, later, hangUp });
  }

  function act(): void {
    const { does, afterMs } = callee;
    if (does === 'nothing') return;
    const rings = callee.rings ?? (does !== 'refuse' || ringsBefore(callee.status));
    if (rings) later(ringAfterMs, ring);
    if (does === 'answer') later(afterMs, answer);
    if (does === 'refuse') later(afterMs, () => refuse(callee.status, callee.reason));
  }

  journal.note('call.invited', { number });
  if (callee.does !== 'nothing') reply(100, []);
  act();
  return {
    number,
    invite,
    get status() {
      return status;
    },
    phone: sound.handset,
    ring,
    answer,
    refuse,
    hangUp,
    take,
  };
}
