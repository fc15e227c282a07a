import { phraseOf } from '../livekit/sip/status.ts';
import type { Transfer } from '../livekit/settings.ts';
import type { Dialog, Send } from './dialog.ts';
import { answerTo, sequenceOf, type SipHeader, type SipMessage } from './message.ts';

/** Answers a REFER and tells what became of it by NOTIFY (RFC 3515), as the plan says. */
export async function followRefer(parts: {
  readonly message: SipMessage;
  readonly plan: Transfer;
  readonly tag: string;
  readonly contact: SipHeader;
  readonly send: Send;
  readonly dialog: Dialog;
  readonly later: (delayMs: number, run: () => Promise<void>) => void;
  readonly hangUp: () => Promise<void>;
}): Promise<void> {
  const { message, plan, tag, contact, send, dialog, later, hangUp } = parts;
  const { does, status, reason, afterMs, hangUpAfterMs } = plan;
  const reply = (code: number, phrase = phraseOf(code)) =>
    send(answerTo(message, { status: code, reason: phrase, tag, headers: [contact] }));

  const notify = (code: number, phrase = phraseOf(code)) =>
    dialog.request(
      'NOTIFY',
      [
        ['event', `refer;id=${sequenceOf(message)}`],
        ['subscription-state', code < 200 ? 'active;expires=60' : 'terminated;reason=noresource'],
        ['content-type', 'message/sipfrag;version=2.0'],
      ],
      `SIP/2.0 ${code} ${phrase}\r\n`,
    );

  if (does === 'refuse') return later(afterMs, async () => reply(status ?? 603, reason));
  reply(202);
  if (does === 'nothing') return;
  await notify(100);
  await notify(180);
  later(afterMs, async () => {
    await (does === 'accept' ? notify(200) : notify(status ?? 486, reason));
    if (does === 'accept' && hangUpAfterMs !== undefined) later(hangUpAfterMs, hangUp);
  });
}
