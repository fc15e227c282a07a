export { insideKind } from './ingress/addresses.ts';
export { formatOf, type MediaFormat, namedIn } from './ingress/formats.ts';
export {
  type AudioPreset,
  audioPresets,
  type IngressAsked,
  type IngressChange,
  type IngressChangeAsked,
  type IngressRequest,
  type IngressRules,
  ingressSchemas,
  type VideoPreset,
  videoPresets,
} from './ingress/schema.ts';
export { hostOf, readSourceUrl, shownUrl, type SourceRules } from './ingress/source-url.ts';
