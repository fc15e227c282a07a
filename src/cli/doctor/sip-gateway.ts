import { systemClock } from '../../clock.ts';
import { type Address, showAddress } from '../../config.ts';
import { gatewayProbe } from '../../wiring/probes.ts';
import { type Checking, toKnow, toMend, well } from './finding.ts';

const check = 'livekit-sip';

/** Whether the gateway is there at all: it answers OPTIONS even when it is too busy for calls. */
export async function checkSipGateway(address: Address | undefined, { tell, signal }: Checking): Promise<void> {
  if (address === undefined)
    return tell(toKnow(check, 'not looked at: LIVEKIT_SIP_ADDR is not set', 'export LIVEKIT_SIP_ADDR=host:5060'));
  const at = showAddress(address);
  const { tookMs, failure } = await gatewayProbe(address, systemClock).look(signal);
  if (!failure) return tell(well(check, `${at} answers OPTIONS in ${tookMs} ms`, { tookMs }));
  const mend =
    failure.vendorCode === undefined
      ? 'start livekit-sip there, let UDP through to it, or export LIVEKIT_SIP_ADDR=…'
      : 'look into the log of livekit-sip';
  return tell(toMend(check, `${at} ${failure.message}`, mend));
}
