export { leewaySeconds, longestLifeSeconds } from './token/claims.ts';
export { claimsOf, expirationOf, grantsOf, issuerOf, renewed, subjectOf } from './token/claims.ts';
export type { SipGrant, TokenClaims, TokenRequest, TokenSource, VideoGrant } from './token/claims.ts';
export { clientPresets, presetNames } from './token/presets.ts';
export type { ClientPreset, PresetName } from './token/presets.ts';
export { demandOf, rights } from './token/rights.ts';
export type { Demand, Right } from './token/rights.ts';
export { judgeGrants, judgeTimes, readClaims } from './token/verdict.ts';
export type { TokenRefusal } from './token/verdict.ts';
