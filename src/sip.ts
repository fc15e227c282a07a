export type { DispatchRule, Held, InboundTrunk, OutboundTrunk, SipKind, SipThing } from './sip/model.ts';
export { agentAttribute, transports } from './sip/model.ts';
export { idleName, type SipStep } from './sip/order.ts';
export { type PlanOptions, planOf, refOf, type SipChange, type SipPlan } from './sip/plan.ts';
export { readSip, type SipFile, type SipProblem } from './sip/read.ts';
export { writeSip } from './sip/write.ts';
