import { randomBytes } from 'node:crypto';
import { askOptions } from '../../adapters/sip/options.ts';
import { systemClock } from '../../clock.ts';
import { type Address, showAddress } from '../../config.ts';
import { type Checking, toKnow, toMend, well } from './finding.ts';

const check = 'livekit-sip';
const answersWithinMs = 4000;

/** Whether the gateway is there at all: it answers OPTIONS even when it is too busy for calls. */
export async function checkSipGateway(address: Address | undefined, { tell, signal }: Checking): Promise<void> {
  if (address === undefined)
    return tell(toKnow(check, 'not looked at: LIVEKIT_SIP_ADDR is not set', 'export LIVEKIT_SIP_ADDR=host:5060'));
  const late = AbortSignal.any([signal, AbortSignal.timeout(answersWithinMs)]);
  const askedAt = performance.now();
  try {
    const status = await askOptions(address, {
      callId: randomBytes(8).toString('hex'),
      clock: systemClock,
      signal: late,
    });
    tell(findingOf(status, address, Math.round(performance.now() - askedAt)));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    tell(toMend(check, `${showAddress(address)} does not answer OPTIONS: ${code ?? message}`, mend));
  }
}

const mend = 'start livekit-sip there, let UDP through to it, or export LIVEKIT_SIP_ADDR=…';

function findingOf(status: string, address: Address, tookMs: number) {
  const at = showAddress(address);
  if (status.startsWith('SIP/2.0 200')) return well(check, `${at} answers OPTIONS in ${tookMs} ms`, { tookMs });
  if (!status.startsWith('SIP/2.0')) return toMend(check, `${at} is no SIP server: it does not speak SIP`, mend);
  return toMend(
    check,
    `${at} answers OPTIONS with ${status.slice('SIP/2.0 '.length, 60)}`,
    'look into the log of livekit-sip',
  );
}
