import { SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo, SipClient } from 'livekit-server-sdk';
import { type SipAdmin, SipAdminError } from '../../actors/apply-sip.ts';
import type { Secret } from '../../secret.ts';
import { idleName, type SipKind, type SipThing } from '../../sip.ts';
import { apiFailure } from './failures.ts';
import { heldOf, inboundInfo, outboundInfo, ruleInfo, type SipInfo } from './sip-messages.ts';

export interface SipAdminOptions {
  /** `ws(s)://` or `http(s)://`. */
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: Secret;
  /** For one request. */
  readonly limitMs?: number;
}

/**
 * LiveKit's SIP service by its own client. Each request is signed with a token of ten minutes that grants `sip.admin` and
 * nothing else. LiveKit lists passwords in clear; they leave here as `Secret`.
 */
export function createSipAdmin({ url, apiKey, apiSecret, limitMs = 10_000 }: SipAdminOptions): SipAdmin {
  const client = new SipClient(url, apiKey, apiSecret.reveal(), { requestTimeout: limitMs / 1000, failover: false });
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
    const status = statusOf(error);
    throw new SipAdminError(apiFailure(error), status === 404 || (status === 400 && isConflict(error)));
  }
}

const statusOf = (error: unknown): unknown => (error as { readonly status?: unknown } | null)?.status;
const isConflict = (error: unknown): boolean => /conflicting|already exists/i.test(String(error));

function unlessGone(error: unknown): void {
  if (statusOf(error) !== 404) throw error;
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
