/**
 * A proxy in front of a real master that loses, holds, delays or spoils what passes: for faults of the network, and of
 * servers that no real one will commit on demand.
 *
 * @module
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What becomes of the master's replies; requests always pass. `hold` keeps them until the proxy passes again, `drop`
 * loses them, `reset` resets the connection in their stead: then the master has done what its client cannot know.
 */
export type ReplyFault = 'pass' | 'hold' | 'drop' | 'reset' | { readonly replaceBy: string };

export class FaultyProxy {
  readonly path: string;
  readonly url: string;
  /** One way, in each direction. */
  delayMs = 0;
  readonly #folder: string;
  readonly #target: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #replies: ReplyFault = 'pass';
  #held: (() => void)[] = [];

  private constructor(folder: string, target: string) {
    this.#folder = folder;
    this.#target = target;
    this.path = join(folder, 'proxy.sock');
    this.url = `unix://${this.path}`;
    this.#server = createServer((client) => {
      this.#join(client);
    });
  }

  /** Opens a proxy in front of the server that listens on a unix socket, or will. */
  static async open(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(await mkdtemp(join(tmpdir(), 'redlock-proxy-')), target);
    await once(proxy.#server.listen(proxy.path), 'listening');
    return proxy;
  }

  get replies(): ReplyFault {
    return this.#replies;
  }

  set replies(fault: ReplyFault) {
    this.#replies = fault;
    if (fault !== 'pass') return;
    const held = this.#held;
    this.#held = [];
    for (const pass of held) pass();
  }

  /** Ends all connections. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #join(client: Socket): void {
    const server = connect(this.#target);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('end', () => other.end());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (bytes) => {
      this.#later(() => server.write(bytes));
    });
    server.on('data', (bytes) => {
      this.#later(() => {
        this.#reply(client, bytes);
      });
    });
  }

  #reply(client: Socket, bytes: Buffer): void {
    const fault = this.#replies;
    if (fault === 'pass') client.write(bytes);
    else if (fault === 'hold') this.#held.push(() => client.write(bytes));
    else if (fault === 'reset') client.destroy();
    else if (fault !== 'drop') client.write(fault.replaceBy);
  }

  #later(pass: () => void): void {
    if (this.delayMs === 0) pass();
    else setTimeout(pass, this.delayMs);
  }
}
