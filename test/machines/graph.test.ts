import { describe, it } from 'vitest';
import { expectWalked } from '../support/expect-walked.ts';

/** Half a minute where nothing else runs. */
const patience = 300_000;

describe('every edge is walked under the host', { timeout: patience }, () => {
  it('S1 line, with leaving', () => expectWalked('line'));
  it('S1 hearing, with our own ear for voice', () => expectWalked('hearing'));
  it('R4.1 recording', () => expectWalked('recording'));
  it('S1 reply', () => expectWalked('reply'));
  it('D1.3 D7.2 egress', () => expectWalked('egress'));
  it('D5.4 alerting', () => expectWalked('alert'));
  it('R10.1 keeping', () => expectWalked('keeping'));
  it('R10.1 worker', () => expectWalked('worker'));
  it('R10.1 reconciler', () => expectWalked('reconciler'));
  it('S6 D8.1 D8.2 D8.3 D8.4 D8.5 D8.6 D8.7 D8.8 recovery', () => expectWalked('recovery'));
  it('D6.1 D6.2 D6.3 D6.4 token', () => expectWalked('token'));
});
