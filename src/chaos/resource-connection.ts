/**
 * A contender's connection to the guarded resource.
 *
 * @module
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { EnvironmentError } from '../model/errors.js';
import { LineReader, type ResourceAddress, type ResourceReply, type ResourceRequest } from './resource-protocol.js';

interface Pending {
  readonly resolve: (reply: ResourceReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests are sent at once and answered in their order, whatever became of the ones before. A broken connection stays
 * broken: what the resource had heard of this contender would be in doubt.
 */
export class ResourceConnection {
  readonly #socket: Socket;
  readonly #pending = new Map<number, Pending>();
  #requests = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const lines = new LineReader();
    socket.setNoDelay(true);
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of lines.read(text)) this.#hear(JSON.parse(line) as ResourceReply);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      for (const { reject } of this.#pending.values()) reject(broken());
      this.#pending.clear();
    });
  }

  /** @throws EnvironmentError when nobody listens there */
  static async open(address: ResourceAddress): Promise<ResourceConnection> {
    const socket = address.kind === 'unix' ? connect(address.path) : connect(address.port, address.host);
    try {
      await once(socket, 'connect');
    } catch (cause) {
      const where = address.kind === 'unix' ? address.path : `${address.host}:${String(address.port)}`;
      throw new EnvironmentError(`guarded resource: expected it at ${where}, got no connection`, { cause });
    }
    return new ResourceConnection(socket);
  }

  /** @throws EnvironmentError when the resource refuses the request, or is gone */
  async ask(request: ResourceRequest): Promise<ResourceReply> {
    if (!this.#socket.writable) throw broken();
    const id = ++this.#requests;
    const reply = await new Promise<ResourceReply>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#socket.write(`${JSON.stringify({ ...request, id })}\n`);
    });
    if (reply.kind === 'failed') throw new EnvironmentError(`guarded resource: ${reply.reason}`);
    return reply;
  }

  close(): void {
    this.#socket.destroy();
  }

  #hear(reply: ResourceReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    pending?.resolve(reply);
  }
}

function broken(): EnvironmentError {
  return new EnvironmentError('guarded resource: expected a connection, got a broken one; has it ended?');
}
