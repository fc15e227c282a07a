import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Certificate } from '../../emulators/cartesia/certificate.ts';

/** A sentinel that says what it is told to say. */
export interface SentinelFake {
  readonly port: number;
  /** Resolves when somebody listens for failovers. */
  listened(): Promise<void>;
  /** From now on who asks for the primary waits until the promise that comes with the question is answered. */
  hold(): Promise<{ answer(): void }>;
  /** Tells whoever listens that another server is the primary; resolves when they have left. */
  tellSwitch(): Promise<void>;
  close(): void;
}

const command = /\*\d+\r\n((?:\$\d+\r\n[^\r]*\r\n)+)/g;
const bulk = (text: string) => `$${text.length}\r\n${text}\r\n`;
const array = (...texts: readonly string[]) => `*${texts.length}\r\n${texts.map(bulk).join('')}`;

/** `primaryPort`: of the primary that it names. With a certificate it is spoken to over TLS. */
export async function startSentinelFake(primaryPort: number, certificate?: Certificate): Promise<SentinelFake> {
  const open = new Set<Socket>();
  const listening = new Set<Socket>();
  const listened = Promise.withResolvers<void>();
  let holding: ReturnType<typeof Promise.withResolvers<{ answer(): void }>> | undefined;

  function answer(socket: Socket, said: string): void {
    const name = () => void socket.write(array('127.0.0.1', String(primaryPort)));
    if (/get-master-addr-by-name/i.test(said)) return holding ? holding.resolve({ answer: name }) : name();
    if (/\r\nsentinels\r\n/i.test(said)) return void socket.write(array());
    if (!/\r\nsubscribe\r\n/i.test(said)) return void socket.write('-ERR unknown command HELLO\r\n');
    socket.write(`*3\r\n${bulk('subscribe')}${bulk('+switch-master')}:1\r\n`);
    listening.add(socket);
    listened.resolve();
  }
  const serve = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      for (const [, said = ''] of data.toString('latin1').matchAll(command)) answer(socket, said);
    });
    socket.on('close', () => void (open.delete(socket), listening.delete(socket)));
  };
  const server = certificate
    ? createTlsServer({ key: certificate.key, cert: certificate.cert, noDelay: true }, serve)
    : createServer({ noDelay: true }, serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    listened: () => listened.promise,
    hold() {
      holding = Promise.withResolvers();
      return holding.promise.finally(() => (holding = undefined));
    },
    async tellSwitch() {
      const left = [...listening].map((socket) => new Promise((resolve) => void socket.once('close', resolve)));
      for (const socket of listening) socket.write(array('message', '+switch-master', 'calls'));
      await Promise.all(left);
    },
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}
