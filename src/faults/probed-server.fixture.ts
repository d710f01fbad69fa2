/**
 * Something that answers probes as slowly as a test wants.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Endpoint } from '../model/endpoint.js';

/** Answers every PING of a probe; disposing ends it and its connections. */
export class ProbedServer implements Disposable {
  readonly endpoint: Endpoint;
  /** How late the next answers come; Infinity: not before they are released. */
  delayMs = 0;
  readonly #server: Server;
  readonly #held: (() => void)[] = [];

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.endpoint = {
      socket: { kind: 'tcp', host: '127.0.0.1', port, tls: false },
      username: undefined,
      password: undefined,
      database: 0,
    };
  }

  static async start(delayMs = 0): Promise<ProbedServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const probed = new ProbedServer(server);
    probed.delayMs = delayMs;
    server.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        // A PING with a payload is answered with as many bytes at least.
        const answer = chunk.length > '+PONG\r\n'.length ? chunk : '+PONG\r\n';
        const reply = (): void => void socket.write(answer);
        if (probed.delayMs === Infinity) probed.#held.push(reply);
        else setTimeout(reply, probed.delayMs);
      });
    });
    return probed;
  }

  /** Gives the answers that were held. */
  release(): void {
    for (const reply of this.#held.splice(0)) reply();
  }

  [Symbol.dispose](): void {
    this.#server.close();
  }
}
