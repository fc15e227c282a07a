import { createServer, type IncomingMessage } from 'node:http';
import {
  EgressClient,
  IngressClient,
  RoomServiceClient,
  SipClient,
  WebhookReceiver,
  type WebhookEvent,
} from 'livekit-server-sdk';
import { onTestFinished } from 'vitest';
import { WebSocketServer } from 'ws';
import { listen } from '../../../emulators/kit/front.ts';
import type { Cast, Part } from '../../../emulators/livekit/cast.ts';
import { startLiveKitFront, type LiveKitFront, type LiveKitFrontOptions } from '../../../emulators/livekit/front.ts';
import { createEventBook } from '../../../emulators/phone/event-book.ts';
import type { LeaveReason, Phone } from '../../../emulators/phone/types.ts';

export const apiKey = 'key';
export const apiSecret = 'secretsecretsecretsecretsecretsecret';
export const room = 'voice-ai-call-1';
export const trunk = 'ST_1';

type Participants = Map<
  string,
  { attributes: Record<string, string>; metadata: string; tracks: readonly { sid: string }[] }
>;

/** Where a LiveKit would be: the methods that the front asks, and a websocket that repeats what it hears. */
export interface StandIn {
  readonly url: string;
  /** Those of `room`, by identity. */
  readonly participants: Participants;
  /** Methods that came. */
  readonly asked: readonly string[];
}

async function openStandIn(): Promise<StandIn> {
  const participants: Participants = new Map();
  const asked: string[] = [];
  const shown = (identity: string) => ({ sid: `PA_${identity}`, identity, ...participants.get(identity) });
  const methods: Record<string, (body: any) => object | undefined> = {
    'RoomService/ListRooms': ({ names }) => ({ rooms: names?.includes(room) ? [{ sid: 'RM_1', name: room }] : [] }),
    'RoomService/ListParticipants': () => ({ participants: [...participants.keys()].map(shown) }),
    'RoomService/GetParticipant': ({ identity }) => (participants.has(identity) ? shown(identity) : undefined),
    'RoomService/UpdateParticipant': ({ identity, metadata, attributes }) => {
      const one = participants.get(identity);
      if (!one) return undefined;
      Object.assign(one.attributes, attributes);
      one.metadata = metadata ?? one.metadata;
      return shown(identity);
    },
    'RoomService/RemoveParticipant': ({ identity }) => (participants.delete(identity) ? {} : undefined),
    'SIP/ListSIPOutboundTrunk': ({ trunkIds }) => ({
      items: trunkIds?.includes(trunk)
        ? [{ sipTrunkId: trunk, address: '127.0.0.1:5080', numbers: ['+15550100'], headers: { 'X-Of-Trunk': '1' } }]
        : [],
    }),
  };
  const server = createServer(async (request, response) => {
    const name = String(request.url).replace('/twirp/livekit.', '');
    asked.push(name);
    const answer = methods[name]?.(JSON.parse((await textOf(request)) || '{}'));
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { code: 'not_found', msg: 'participant does not exist' }));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url }) => {
    socket.on('message', (data) =>
      String(data) === 'end' ? socket.close(4001, 'asked') : socket.send(`${url} ${data}`),
    );
  });
  const url = `http://127.0.0.1:${await listen(server, 0)}`;
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { url, participants, asked };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}

/** A participant of no media, in the stand-in's room. */
export interface Actor {
  readonly part: Part;
  readonly left: LeaveReason | 'hung_up' | undefined;
  /** What the room was told of `sip.callStatus`, in order. */
  readonly statuses: readonly string[];
  readonly keys: string;
  /** The room is deleted under it. */
  dropOut(reason: string): void;
}

function createActors({ participants }: StandIn): { readonly cast: Cast; readonly actors: readonly Actor[] } {
  const actors: Actor[] = [];
  const cast: Cast = {
    async join(part) {
      const { identity } = part.role;
      const book = createEventBook();
      const actor = { part, left: undefined as Actor['left'], statuses: [] as string[], keys: '' };
      const attributes = { ...part.role.attributes };
      if (attributes['sip.callStatus']) actor.statuses.push(attributes['sip.callStatus']);
      participants.set(identity, { attributes, metadata: part.metadata ?? '', tracks: [] });
      if (part.onEvent) book.view.onEvent(part.onEvent);
      const leave = (reason: LeaveReason | 'hung_up') => {
        if (actor.left) return;
        actor.left = reason;
        participants.delete(identity);
        book.note({ atMs: Date.now(), type: 'ended', reason: 'hung_up', sip: 'BYE' });
      };
      const dropOut = (reason: string) =>
        book.note({ atMs: Date.now(), type: 'ended', reason: reason as Uppercase<string>, sip: 486 });
      actors.push(Object.assign(actor, { dropOut }));
      const phone: Pick<
        Phone,
        'identity' | 'sid' | 'callId' | 'room' | 'tell' | 'pickUp' | 'leave' | 'hearKey' | 'hangUp'
      > = {
        identity,
        sid: `PA_${identity}`,
        callId: attributes['sip.callID'] ?? '',
        room: part.room,
        async tell(changes) {
          Object.assign(attributes, changes);
          if (changes['sip.callStatus']) actor.statuses.push(changes['sip.callStatus']);
        },
        async pickUp() {},
        leave: async (reason) => leave(reason),
        async hearKey(digit) {
          actor.keys += digit;
        },
        async hangUp() {
          if (attributes['sip.callStatus']) actor.statuses.push('hangup');
          leave('hung_up');
        },
      };
      return { ...book.view, ...phone } as Phone;
    },
    close: async () => undefined,
  };
  return { cast, actors };
}

export interface World {
  readonly front: LiveKitFront;
  readonly standIn: StandIn;
  readonly actors: readonly Actor[];
  readonly sip: SipClient;
  readonly egress: EgressClient;
  readonly ingress: IngressClient;
  readonly rooms: RoomServiceClient;
  /** Webhooks that came and whose signature held. */
  readonly webhooks: readonly WebhookEvent[];
  webhook(name: string): Promise<WebhookEvent>;
}

/** A front before a stand-in for LiveKit, with LiveKit's own clients; closed when the test ends. */
export async function openWorld(options: Partial<LiveKitFrontOptions> = {}): Promise<World> {
  const standIn = await openStandIn();
  const { cast, actors } = createActors(standIn);
  const door = await openDoor();
  const front = await startLiveKitFront({
    upstream: standIn.url,
    apiKey,
    apiSecret,
    webhookUrls: [door.url],
    cast,
    ...options,
  });
  onTestFinished(() => front.close());
  const access = [front.httpUrl, apiKey, apiSecret] as const;
  return {
    front,
    standIn,
    actors,
    sip: new SipClient(...access),
    egress: new EgressClient(...access),
    ingress: new IngressClient(...access),
    rooms: new RoomServiceClient(...access),
    webhooks: door.events,
    webhook: door.when,
  };
}

async function openDoor() {
  const receiver = new WebhookReceiver(apiKey, apiSecret);
  const events: WebhookEvent[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    const text = await textOf(request);
    events.push(await receiver.receive(text, String(request.headers.authorization)));
    response.end();
    for (const look of waiting) look();
  });
  const url = `http://127.0.0.1:${await listen(server, 0)}/webhook`;
  onTestFinished(() => void (server.closeAllConnections(), server.close()));
  const when = (name: string) =>
    new Promise<WebhookEvent>((resolve) => {
      const look = () => {
        const found = events.find(({ event }) => event === name);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { url, events, when };
}

/** The error that it rejects with. */
export const errorOf = (asking: Promise<unknown>): Promise<any> =>
  asking.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => error,
  );

/** How livekit-server passes on what a part behind it said. */
export const relayed = (text: string): string => `twirp error unknown: ${text}`;
