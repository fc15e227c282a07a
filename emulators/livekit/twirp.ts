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
  /** It comes from a part behind the server, or from its store; the server passes it on with words of its own before it. */
  readonly relayed: boolean;

  constructor(code: TwirpCode, message: string, meta?: Readonly<Record<string, string>>, relayed = false) {
    super(message);
    this.code = code;
    this.meta = meta;
    this.relayed = relayed;
  }

  get status(): number {
    return statuses[this.code];
  }
}

/** What a gateway, recorder or ingress refuses. */
export const relayed = (code: TwirpCode, message: string, meta?: Readonly<Record<string, string>>): TwirpError =>
  new TwirpError(code, message, meta, true);
export const invalidArgument = (message: string): TwirpError => relayed('invalid_argument', message);
export const notFound = (message: string): TwirpError => relayed('not_found', message);

type Wire = 'json' | 'protobuf';

/** Reads the content type as Twirp's server does. Throws a `TwirpError`. */
export function wireOf({ method, headers, url }: IncomingMessage): Wire {
  const route = { twirp_invalid_route: `${method} ${url}` };
  if (method !== 'POST')
    throw new TwirpError('bad_route', `unsupported method "${method}" (only POST is allowed)`, route);
  const type = headers['content-type'] ?? '';
  const name = type.split(';')[0]!.trim().toLowerCase();
  if (name === 'application/json') return 'json';
  if (name === 'application/protobuf') return 'protobuf';
  throw new TwirpError('bad_route', `unexpected Content-Type: ${JSON.stringify(type)}`, route);
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
  const body = wire === 'json' ? JSON.stringify(jsonOf(message)) : Buffer.from(message.toBinary());
  response.writeHead(200, { 'content-type': `application/${wire}` }).end(body);
}

/** Messages that are not there are `null`. */
function jsonOf(message: Message): unknown {
  const json = message.toJson({ useProtoFieldName: true, emitDefaultValues: true });
  nameAbsent(message, json);
  return json;
}

function nameAbsent(message: Message, json: unknown): void {
  if (typeof json !== 'object' || json === null) return;
  const object = json as Record<string, unknown>;
  for (const { kind, name, localName, repeated, oneof } of message.getType().fields.list()) {
    if (kind !== 'message') continue;
    const holder = message as unknown as Record<string, unknown>;
    const chosen = holder[oneof?.localName ?? ''] as { case?: string; value?: unknown } | undefined;
    const value = oneof ? chosen?.case === localName && chosen.value : holder[localName];
    if (repeated) (value as Message[]).forEach((one, i) => nameAbsent(one, (object[name] as unknown[])[i]));
    else if (value) nameAbsent(value as Message, object[name]);
    else if (!oneof) object[name] = null;
  }
}

/** `{ code, msg, meta? }` with the code's HTTP status, in JSON whatever was asked for. */
export function refuse(response: ServerResponse, error: TwirpError): void {
  const { code, message, meta } = error;
  const msg = error.relayed ? `twirp error unknown: ${message}` : message;
  response.writeHead(error.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ code, msg, ...(meta && { meta }) }));
}
