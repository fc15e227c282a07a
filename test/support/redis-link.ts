import { setTimeout as delay } from 'node:timers/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Who is on the other side of a link: another Redis or a sentinel, or anybody else. */
type Side = 'peers' | 'clients';

/** The way over the network to one Redis: cut, it swallows what comes and holds back what was on its way, as a network does. */
export interface RedisLink {
  readonly port: number;
  cut(...sides: readonly Side[]): void;
  heal(): void;
  /** Clients wait so much longer for each answer. */
  slow(ms: number): void;
  close(): void;
}

/** `to`: the path of its socket, or its port on this machine. */
export async function openRedisLink(to: string | number): Promise<RedisLink> {
  let cutOff: readonly Side[] = [];
  let slowMs = 0;
  let healed = Promise.withResolvers<void>();
  const open = new Set<Socket>();
  const passes = async (side: () => Side): Promise<void> => {
    while (cutOff.includes(side()))
      // oxlint-disable-next-line no-await-in-loop
      await healed.promise;
  };
  /** Each piece comes when it is due, after those before it. */
  function relay(from: Socket, to: Socket, side: () => Side, delayMs: () => number): void {
    let before: Promise<unknown> = Promise.resolve();
    const pass = async (data: Buffer, earlier: Promise<unknown>, dueMs: number) => {
      await (dueMs === 0 ? earlier : Promise.all([earlier, delay(dueMs)]));
      await passes(side);
      to.write(data);
    };
    from.on('data', (data: Buffer) => void (before = pass(data, before, delayMs())));
    from.on('close', () => void before.finally(() => to.destroy()));
    from.on('error', () => undefined);
  }
  const server = createServer({ noDelay: true }, (client) => {
    const redis = typeof to === 'string' ? connect(to) : connect(to, '127.0.0.1');
    let side: Side = 'peers';
    // Redis speaks to Redis in its oldest language; clients say HELLO to be answered in a newer one.
    client.once(
      'data',
      (data) => void (side = /^\*\d+\r\n\$5\r\nhello/i.test(data.toString('latin1')) ? 'clients' : 'peers'),
    );
    relay(
      client,
      redis,
      () => side,
      () => 0,
    );
    relay(
      redis,
      client,
      () => side,
      () => (side === 'clients' ? slowMs : 0),
    );
    for (const socket of [client, redis]) {
      open.add(socket);
      socket.once('close', () => void open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: (...sides) => void (cutOff = sides),
    heal() {
      cutOff = [];
      healed.resolve();
      healed = Promise.withResolvers();
    },
    slow: (ms) => void (slowMs = ms),
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
