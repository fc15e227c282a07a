export { anyObject, metadataObject, type MetadataSchema, strict } from './fields/json.ts';
export { bytesOf, identifier, shownName, telephoneUri } from './fields/names.ts';
export {
  isOwnRoom,
  isReservedAttribute,
  isReservedIdentity,
  type OwnRooms,
  ownRoomsOnly,
  reservedAttribute,
  reservedIdentity,
} from './fields/own.ts';
