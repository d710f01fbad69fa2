/**
 * A server that answers what a test says, on a unix socket: for what no real server does on demand.
 *
 * @module
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoint } from '../model/endpoint.js';
import { RespReader } from './resp-reader.js';

/** The words of a command, its name in capitals, to the bytes of its answer; undefined for none. */
export type Answer = (words: readonly string[], socket: Socket) => string | undefined;

/** Greets like a server with RESP3, knows no native command, and answers OK to everything else. */
export const answerPlainly: Answer = ([name]) => {
  if (name === 'HELLO') return '%1\r\n+proto\r\n:3\r\n';
  if (name === 'COMMAND') return '*2\r\n_\r\n_\r\n';
  return '+OK\r\n';
};

export class ScriptedServer {
  readonly path: string;
  readonly endpoint: Endpoint;
  answer: Answer;
  /** Every command that came in, its words joined by spaces. */
  readonly commands: string[] = [];
  readonly sockets = new Set<Socket>();
  /** How many connections were made. */
  connections = 0;
  /** How many pieces the commands came in. */
  reads = 0;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, answer: Answer) {
    this.#folder = folder;
    this.path = join(folder, 'scripted.sock');
    this.endpoint = {
      socket: { kind: 'unix', path: this.path },
      username: undefined,
      password: undefined,
      database: 0,
    };
    this.answer = answer;
    this.#server = createServer((socket) => {
      this.#serve(socket);
    });
  }

  static async start(answer: Answer = answerPlainly): Promise<ScriptedServer> {
    const server = new ScriptedServer(await mkdtemp(join(tmpdir(), 'redlock-scripted-')), answer);
    await server.listen();
    return server;
  }

  get url(): string {
    return `unix://${this.path}`;
  }

  /** The commands that are no part of a greeting. */
  get asked(): string[] {
    return this.commands.filter((command) => !/^(?:HELLO|AUTH|SELECT|SCRIPT|COMMAND)/.test(command));
  }

  async listen(): Promise<void> {
    this.#server.listen(this.path);
    await once(this.#server, 'listening');
  }

  /** Resets every connection. */
  hangUp(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Sends bytes to every connection. */
  send(bytes: string): void {
    for (const socket of this.sockets) socket.write(bytes, 'latin1');
  }

  /** Takes no more connections and ends those it has. */
  async unlisten(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.hangUp();
    await closed;
  }

  async stop(): Promise<void> {
    await this.unlisten();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('error', () => undefined);
    // Commands are lists of blobs, which the client's own reader can read.
    const reader = new RespReader({
      onReply: (command) => {
        const [name = '', ...rest] = (command as readonly unknown[]).map(String);
        const words = [name.toUpperCase(), ...rest];
        this.commands.push(words.join(' '));
        const answer = this.answer(words, socket);
        if (answer !== undefined && socket.writable) socket.write(answer, 'latin1');
      },
      onPush: () => undefined,
    });
    socket.on('data', (chunk) => {
      this.reads++;
      reader.read(chunk, chunk.length);
    });
  }
}
