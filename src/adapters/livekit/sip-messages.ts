import { SIPDispatchRule, SIPDispatchRuleInfo, SIPInboundTrunkInfo, SIPOutboundTrunkInfo } from 'livekit-server-sdk';
import { Secret } from '../../secret.ts';
import { type DispatchRule, type Held, type InboundTrunk, type OutboundTrunk, transports } from '../../sip.ts';

export type SipInfo = SIPInboundTrunkInfo | SIPOutboundTrunkInfo | SIPDispatchRuleInfo;

/** LiveKit's message as ours. */
export function heldOf(id: string, info: SipInfo): Held {
  if (info instanceof SIPInboundTrunkInfo) return { id, ...inboundOf(info) };
  return info instanceof SIPOutboundTrunkInfo ? { id, ...outboundOf(info) } : { id, ...ruleOf(info) };
}

function inboundOf(info: SIPInboundTrunkInfo): InboundTrunk {
  const { name, numbers, allowedAddresses, allowedNumbers, headersToAttributes, metadata } = info;
  return {
    kind: 'inbound',
    name,
    numbers,
    allowedAddresses,
    allowedNumbers,
    headersToAttributes,
    metadata,
    ...authOf(info),
    ...(info.ringingTimeout ? { ringSeconds: Number(info.ringingTimeout.seconds) } : {}),
    ...(info.maxCallDuration ? { maxCallSeconds: Number(info.maxCallDuration.seconds) } : {}),
  };
}

function outboundOf(info: SIPOutboundTrunkInfo): OutboundTrunk {
  const { name, address, numbers, metadata, destinationCountry: country } = info;
  const transport = transports[info.transport] ?? 'auto';
  return { kind: 'outbound', name, address, numbers, transport, country, metadata, ...authOf(info) };
}

function ruleOf(info: SIPDispatchRuleInfo): DispatchRule {
  const { name, trunkIds: trunks, numbers, hidePhoneNumber: hideNumber, attributes, metadata } = info;
  const pin = info.rule?.rule.value?.pin;
  return {
    kind: 'rule',
    name,
    trunks,
    numbers,
    hideNumber,
    attributes,
    metadata,
    room: roomOf(info.rule?.rule),
    ...(pin ? { pin: new Secret(pin) } : {}),
  };
}

function roomOf(rule: SIPDispatchRule['rule'] | undefined): DispatchRule['room'] {
  if (rule?.case === 'dispatchRuleDirect') return { type: 'direct', name: rule.value.roomName };
  if (rule?.case === 'dispatchRuleCallee')
    return { type: 'callee', prefix: rule.value.roomPrefix, randomize: rule.value.randomize };
  return { type: 'individual', prefix: rule?.value?.roomPrefix ?? '' };
}

const authOf = ({ authUsername, authPassword }: { authUsername: string; authPassword: string }) =>
  authUsername === '' && authPassword === ''
    ? {}
    : { auth: { username: authUsername, password: new Secret(authPassword) } };

const loginOf = ({ auth }: InboundTrunk | OutboundTrunk) => ({
  authUsername: auth?.username ?? '',
  authPassword: auth?.password.reveal() ?? '',
});

const seconds = (whole: number | undefined) => (whole === undefined ? undefined : { seconds: BigInt(whole) });

/** What `last` has besides is kept. */
export const inboundInfo = (trunk: InboundTrunk, last?: SIPInboundTrunkInfo): SIPInboundTrunkInfo =>
  new SIPInboundTrunkInfo({
    ...last,
    name: trunk.name,
    numbers: [...trunk.numbers],
    allowedAddresses: [...trunk.allowedAddresses],
    allowedNumbers: [...trunk.allowedNumbers],
    ...loginOf(trunk),
    ringingTimeout: seconds(trunk.ringSeconds),
    maxCallDuration: seconds(trunk.maxCallSeconds),
    headersToAttributes: trunk.headersToAttributes,
    metadata: trunk.metadata,
  });

export const outboundInfo = (trunk: OutboundTrunk, last?: SIPOutboundTrunkInfo): SIPOutboundTrunkInfo =>
  new SIPOutboundTrunkInfo({
    ...last,
    name: trunk.name,
    address: trunk.address,
    numbers: [...trunk.numbers],
    transport: transports.indexOf(trunk.transport),
    ...loginOf(trunk),
    destinationCountry: trunk.country,
    metadata: trunk.metadata,
  });

export const ruleInfo = (rule: DispatchRule, last?: SIPDispatchRuleInfo): SIPDispatchRuleInfo =>
  new SIPDispatchRuleInfo({
    ...last,
    name: rule.name,
    trunkIds: [...rule.trunks],
    numbers: [...rule.numbers],
    hidePhoneNumber: rule.hideNumber,
    attributes: rule.attributes,
    metadata: rule.metadata,
    rule: new SIPDispatchRule({ rule: messageOf(rule) }),
  });

function messageOf({ room, pin }: DispatchRule) {
  const code = { pin: pin?.reveal() ?? '' };
  if (room.type === 'direct') return { case: 'dispatchRuleDirect', value: { ...code, roomName: room.name } } as const;
  const named = { ...code, roomPrefix: room.prefix };
  return room.type === 'individual'
    ? ({ case: 'dispatchRuleIndividual', value: named } as const)
    : ({ case: 'dispatchRuleCallee', value: { ...named, randomize: room.randomize } } as const);
}
