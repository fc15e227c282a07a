import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Message, MessageType } from '@bufbuild/protobuf';

/** Twirp's codes that LiveKit uses, with the HTTP status of each. */
const statuses = {
  canceled: 408,
  unknown: 500,
  invalid_argument: 400,
  malformed: 400,
  deadline_exceeded: 408,
  not_found: 404,
  bad_route: 404,
  already_exists: 409,
  permission_denied: 403,
  unauthenticated: 401,
  resource_exhausted: 429,
  failed_precondition: 412,
  aborted: 409,
  internal: 500,
  unavailable: 503,
} as const;

export type TwirpCode = keyof typeof statuses;

/** A refusal in Twirp's words. `meta` becomes the `metadata` of the SDK's error. */
export class TwirpError extends Error {
  override readonly name = 'TwirpError';
  readonly code: TwirpCode;
  readonly meta: Readonly<Record<string, string>> | undefined;

  constructor(code: TwirpCode, message: string, meta?: Readonly<Record<string, string>>) {
    super(message);
    this.code = code;
    this.meta = meta;
  }

  get status(): number {
    return statuses[this.code];
  }
}

export const invalidArgument = (message: string): TwirpError => new TwirpError('invalid_argument', message);
export const notFound = (message: string): TwirpError => new TwirpError('not_found', message);

type Wire = 'json' | 'protobuf';

/** Reads the content type as Twirp's server does. Throws a `TwirpError`. */
export function wireOf({ method, headers }: IncomingMessage): Wire {
  if (method !== 'POST') throw new TwirpError('bad_route', `unsupported method "${method}" (only POST is allowed)`);
  const type = headers['content-type'] ?? '';
  const name = type.split(';')[0]!.trim().toLowerCase();
  if (name === 'application/json') return 'json';
  if (name === 'application/protobuf') return 'protobuf';
  throw new TwirpError('bad_route', `unexpected Content-Type: ${JSON.stringify(type)}`);
}

/**
 * Decodes a request and refuses fields that there are not, which LiveKit itself would pass over in silence: here they are an
 * error of whoever asks. Throws a `TwirpError` that names the field.
 */
export function decode<Asked extends Message<Asked>>(type: MessageType<Asked>, wire: Wire, body: Buffer): Asked {
  const request = wire === 'json' ? decodeJson(type, body) : decodeBinary(type, body);
  const unknown = unknownFields(request);
  if (unknown) throw new TwirpError('malformed', `the ${wire} request could not be decoded: ${unknown}`);
  return request;
}

function decodeJson<Asked extends Message<Asked>>(type: MessageType<Asked>, body: Buffer): Asked {
  try {
    return type.fromJsonString(body.toString('utf8'), { ignoreUnknownFields: false });
  } catch (error) {
    throw new TwirpError('malformed', `the json request could not be decoded: ${textOf(error)}`);
  }
}

function decodeBinary<Asked extends Message<Asked>>(type: MessageType<Asked>, body: Buffer): Asked {
  try {
    return type.fromBinary(body);
  } catch (error) {
    throw new TwirpError('malformed', `the protobuf request could not be decoded: ${textOf(error)}`);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The first message, however deep, that holds fields its type does not have. */
function unknownFields(message: Message): string | undefined {
  const type = message.getType();
  const own = type.runtime.bin.listUnknownFields(message);
  if (own.length > 0) return `${type.typeName} has no field ${own[0]!.no}`;
  return messagesIn(message)
    .map((inner) => unknownFields(inner))
    .find((found) => found !== undefined);
}

const messagesIn = (value: unknown): Message[] =>
  Object.values(value as object).flatMap((inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || inner instanceof Uint8Array) return [];
    return 'getType' in inner ? [inner as Message] : messagesIn(inner);
  });

/** Answers in the wire of the request; JSON with snake_case names and every field, as livekit-server does. */
export function answer(response: ServerResponse, wire: Wire, message: Message): void {
  const body = wire === 'json' ? jsonOf(message) : Buffer.from(message.toBinary());
  response.writeHead(200, { 'content-type': `application/${wire}` }).end(body);
}

const jsonOf = (message: Message): string =>
  JSON.stringify(message.toJson({ useProtoFieldName: true, emitDefaultValues: true }));

/** `{ code, msg, meta? }` with the code's HTTP status, in JSON whatever was asked for. */
export function refuse(response: ServerResponse, error: TwirpError): void {
  const { code, message, meta } = error;
  const body = JSON.stringify({ code, msg: message, ...(meta && { meta }) });
  response.writeHead(error.status, { 'content-type': 'application/json' }).end(body);
}
