import { randomBytes } from 'node:crypto';
import { headerOf, sequenceOf, type SipHeader, type SipMessage, uriOf } from './message.ts';

export type Send = (message: SipMessage) => void;

/** What the called side sends of its own within a call (RFC 3261 §12). */
export interface Dialog {
  /** Sends a request. Resolves on its final answer, or when there is none for a while. */
  request(method: string, headers?: readonly SipHeader[], body?: string): Promise<void>;
  /** An answer to one of ours. */
  answered(answer: SipMessage): void;
}

const answerLimitMs = 2000;

export function createDialog(options: {
  readonly invite: SipMessage;
  readonly tag: string;
  readonly contact: SipHeader;
  readonly send: Send;
}): Dialog {
  const { invite, tag, contact, send } = options;
  const waiting = new Map<number, () => void>();
  let sequence = 0;

  function headersOf(method: string): readonly SipHeader[] {
    const [, at = ''] = /@(.*?)>?$/.exec(contact[1]) ?? [];
    return [
      ['via', `SIP/2.0/UDP ${at};rport;branch=z9hG4bK${randomBytes(8).toString('hex')}`],
      ['max-forwards', '70'],
      ['from', `${headerOf(invite, 'to')};tag=${tag}`],
      ['to', headerOf(invite, 'from')],
      ['call-id', headerOf(invite, 'call-id')],
      ['cseq', `${sequence} ${method}`],
      contact,
    ];
  }

  return {
    request(method, headers = [], body = '') {
      sequence += 1;
      const number = sequence;
      const start = `${method} ${uriOf(headerOf(invite, 'contact'))} SIP/2.0`;
      send({ start, headers: [...headersOf(method), ...headers], body });
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, answerLimitMs);
        waiting.set(number, () => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    answered(answer) {
      if (answer.start.startsWith('SIP/2.0 1')) return;
      waiting.get(sequenceOf(answer))?.();
      waiting.delete(sequenceOf(answer));
    },
  };
}
