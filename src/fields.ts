export { anyObject, metadataText, type MetadataSchema, strict } from './fields/json.ts';
export { bytesOf, identifier, shownName } from './fields/names.ts';
export { isOwnRoom, isReservedIdentity, type OwnRooms, ownRoomsOnly, reservedIdentity } from './fields/own.ts';
