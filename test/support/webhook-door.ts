import { createServer, type IncomingMessage } from 'node:http';
import { type WebhookEvent, WebhookReceiver } from 'livekit-server-sdk';
import { listen } from '../../emulators/kit/front.ts';

/** Where a livekit-server and a front send their webhooks. One whose signature does not hold is not answered. */
export async function openWebhookDoor() {
  const events: WebhookEvent[] = [];
  const waiting = new Set<() => void>();
  let receiver: WebhookReceiver | undefined;
  const server = createServer(async (request, response) => {
    const event = await receiver!.receive(await textOf(request), String(request.headers.authorization));
    response.end();
    events.push(event);
    for (const look of waiting) look();
  });
  const url = `http://127.0.0.1:${await listen(server, 0)}/webhook`;
  const seen = () => events.map(({ event, participant }) => `${event} ${participant?.identity ?? ''}`).join(', ');
  const when = (fits: (event: WebhookEvent) => boolean) =>
    new Promise<WebhookEvent>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no such webhook; there were: ${seen()}`)), 20_000);
      const look = () => {
        const found = events.find(fits);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    url,
    events,
    when,
    accept: (key: string, secret: string) => void (receiver = new WebhookReceiver(key, secret)),
    close: () => void (server.closeAllConnections(), server.close()),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
