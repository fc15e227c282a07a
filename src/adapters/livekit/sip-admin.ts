import { SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo, type SipClient } from 'livekit-server-sdk';
import { type SipAdmin, SipAdminError } from '../../actors/apply-sip.ts';
import { ControlError } from '../../runtime/control-error.ts';
import { idleName, type SipKind, type SipThing } from '../../sip.ts';
import type { LivekitApi } from './api/api.ts';
import { heldOf, inboundInfo, outboundInfo, ruleInfo, type SipInfo } from './sip-messages.ts';

/** LiveKit's SIP service. LiveKit lists passwords in clear; they leave here as `Secret`. */
export function createSipAdmin({ sip: client }: Pick<LivekitApi, 'sip'>): SipAdmin {
  /** As it was last read: what `SipThing` cannot say is sent back unchanged. */
  const known = new Map<string, SipInfo>();
  const keep = (info: SipInfo): string => {
    const id = info instanceof SIPDispatchRuleInfo ? info.sipDispatchRuleId : info.sipTrunkId;
    known.set(id, info);
    return id;
  };
  return {
    list: () =>
      asked(async () => {
        const [inbound, outbound, rules] = await Promise.all([
          client.listSipInboundTrunk(),
          client.listSipOutboundTrunk(),
          client.listSipDispatchRule(),
        ]);
        known.clear();
        return [...inbound, ...outbound, ...rules].map((info) => heldOf(keep(info), info));
      }),
    create: (kind, name) => asked(async () => keep(await createIdle(client, kind, name))),
    update: (id, thing) => asked(async () => void keep(await update(client, id, thing, known.get(id)))),
    remove: (kind, id) =>
      asked(async () => {
        await (kind === 'rule' ? client.deleteSipDispatchRule(id) : client.deleteSipTrunk(id)).catch(unlessGone);
        known.delete(id);
      }),
  };
}

async function asked<Answer>(request: () => Promise<Answer>): Promise<Answer> {
  try {
    return await request();
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { httpStatus } = error.failure;
    throw new SipAdminError(error.failure, httpStatus === 404 || (httpStatus === 400 && isConflict(error)));
  }
}

const isConflict = ({ message }: ControlError): boolean => /conflicting|already exists/i.test(message);

function unlessGone(error: unknown): void {
  if (!(error instanceof ControlError) || error.failure.httpStatus !== 404) throw error;
}

/** No call is for such a number or comes over such a trunk. The server takes trunks that there are not. */
function createIdle(client: SipClient, kind: SipKind, name: string): Promise<SipInfo> {
  const idle = idleName(name);
  if (kind === 'inbound') return client.createSipInboundTrunk(name, [idle]);
  if (kind === 'outbound') return client.createSipOutboundTrunk(name, 'idle.invalid', [idle], { transport: 0 });
  return client.createSipDispatchRule({ type: 'individual', roomPrefix: idle }, { name, trunkIds: [idle] });
}

function update(client: SipClient, id: string, thing: SipThing, last: SipInfo | undefined): Promise<SipInfo> {
  if (thing.kind === 'inbound')
    return client.updateSipInboundTrunk(id, inboundInfo(thing, last instanceof SIPInboundTrunkInfo ? last : undefined));
  if (thing.kind === 'outbound')
    return client.updateSipOutboundTrunk(
      id,
      outboundInfo(thing, last instanceof SIPOutboundTrunkInfo ? last : undefined),
    );
  return client.updateSipDispatchRule(id, ruleInfo(thing, last instanceof SIPDispatchRuleInfo ? last : undefined));
}
