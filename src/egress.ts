export {
  type EgressFile,
  type EgressInfo,
  type EgressOrder,
  type EgressOutput,
  type EgressSource,
  type EgressStatus,
  foundFor,
  hasEnded,
  isNews,
  roomOf,
  type ShownOrder,
  shownOrder,
  withoutKeys,
} from './egress/model.ts';
export { callOrder, type FieldProblem, orderOf } from './egress/order.ts';
export { livekitEgress } from './egress/from-json.ts';
export { egressRequest, type EgressRequest, layoutChange, streamChange, streamProblem } from './egress/schema.ts';
export { chosenStorage, isStorageSetting, readStorages, type Storage, type Storages } from './egress/storage.ts';
