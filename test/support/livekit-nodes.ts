import { connect, createServer } from 'node:net';
import { freeTcpPort, freeUdpPort } from '../../tools/lib/ports.ts';
import { findLivekitServer, type RunningServer, startLivekitServer } from '../../tools/services/livekit-server.ts';
import { startRedis } from '../../tools/services/redis.ts';

/** Key → secret; the first one signs webhooks. */
type Keys = readonly (readonly [key: string, secret: string])[];

/** Two nodes of one LiveKit on one Redis, behind one address that divides connections among those that take new ones. */
export interface LivekitNodes {
  readonly url: string;
  readonly httpUrl: string;
  /**
   * Starts a node anew with these keys. It takes no new connections from then on, and goes when `whileDraining` is done and its
   * participants have left.
   */
  restart(index: 0 | 1, keys: Keys, whileDraining: () => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

export async function startLivekitNodes(webhookUrl: string, first: Keys): Promise<LivekitNodes> {
  const binary = (await findLivekitServer())!;
  const redis = await startRedis();
  const places = await Promise.all(
    [0, 1].map(async () => ({ port: await freeTcpPort(), udpPort: await freeUdpPort() })),
  );
  const start = (index: number, keys: Keys): Promise<RunningServer> => {
    const [[apiKey, apiSecret] = ['', '']] = keys;
    const at = { ...places[index]!, apiKey, apiSecret };
    return startLivekitServer({ binary, webhookUrl, redisAddress: redis.address, keys: Object.fromEntries(keys), at });
  };
  const nodes = await Promise.all([start(0, first), start(1, first)]);
  let open = places.map(({ port }) => port);
  let turn = 0;
  const balancer = createServer((socket) => {
    const node = connect(open[(turn += 1) % open.length]!, '127.0.0.1');
    const end = () => [socket, node].forEach((each) => each.destroy());
    for (const each of [socket, node]) each.on('error', end).on('close', end);
    socket.pipe(node).pipe(socket);
  });
  const port = await freeTcpPort();
  await new Promise<void>((resolve) => balancer.listen(port, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${port}`,
    httpUrl: `http://127.0.0.1:${port}`,
    async restart(index, keys, whileDraining) {
      open = [places[1 - index]!.port];
      const drained = nodes[index]!.drain();
      await whileDraining();
      await drained;
      nodes[index] = await start(index, keys);
      open = places.map((place) => place.port);
    },
    async stop() {
      balancer.close();
      await Promise.all(nodes.map((node) => node.stop()));
      await redis.stop();
    },
  };
}
