/**
 * A connection of the probes' own: it asks a master, or a proxy before it, whether it answers.
 *
 * @module
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoint } from '../model/endpoint.js';
import type { Clock, Ns } from '../model/time.js';

/** What a plain PING is answered with. */
const PONG_BYTES = '+PONG\r\n'.length;

/** One connection to a spawned master, which asks for no password and speaks no TLS. */
export class ProbeConnection implements Disposable {
  readonly #socket: Socket;
  readonly #clock: Clock;
  #isOpen = false;
  #failure: string | undefined;
  #expectedBytes = 0;
  #askedNs: Ns | undefined;
  #answeredNs: Ns | undefined;

  constructor({ socket }: Endpoint, clock: Clock) {
    this.#clock = clock;
    this.#socket =
      socket.kind === 'unix' ? connect({ path: socket.path }) : connect({ host: socket.host, port: socket.port });
    this.#socket.setNoDelay(true);
    this.#socket
      .on('connect', () => {
        this.#isOpen = true;
      })
      .on('data', (chunk: Buffer) => {
        this.#expectedBytes -= chunk.length;
        if (this.#expectedBytes <= 0) this.#answeredNs ??= this.#clock.nowNs();
      })
      .on('error', (error: NodeJS.ErrnoException) => {
        this.#failure ??= error.code ?? error.message;
      })
      .on('close', () => {
        this.#failure ??= 'the end of the connection';
      });
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#failure === undefined;
  }

  /** How the connection failed or ended: `ECONNREFUSED`; undefined while it has not. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Sends a PING, with so many bytes to send back; one at a time. */
  ask(bytes = 0): void {
    this.#askedNs = this.#clock.nowNs();
    this.#answeredNs = undefined;
    if (bytes === 0) {
      this.#expectedBytes = PONG_BYTES;
      this.#socket.write('PING\r\n');
    } else {
      const head = `$${String(bytes)}\r\n`;
      this.#expectedBytes = head.length + bytes + 2;
      this.#socket.write(`*2\r\n$4\r\nPING\r\n${head}${'x'.repeat(bytes)}\r\n`);
    }
  }

  /** Whether the last PING was answered in full. */
  get isAnswered(): boolean {
    return this.#answeredNs !== undefined;
  }

  /** How long the answer to the last PING took; undefined until it has come. */
  get tookNs(): Ns | undefined {
    return this.#answeredNs === undefined || this.#askedNs === undefined ? undefined : this.#answeredNs - this.#askedNs;
  }

  [Symbol.dispose](): void {
    // A probe that hangs behind a blackhole must not wait for its end.
    this.#socket.destroy();
  }
}

/** Connects and asks once: `answer`, how it failed, or `silence` after so long. */
export async function askOnce(endpoint: Endpoint, withinMs: number, clock: Clock): Promise<string> {
  using probe = new ProbeConnection(endpoint, clock);
  probe.ask();
  for (let waitedMs = 0; waitedMs < withinMs; waitedMs += STEP_MS) {
    if (probe.isAnswered) return 'answer';
    if (probe.failure !== undefined) return probe.failure;
    await sleep(STEP_MS);
  }
  return probe.isAnswered ? 'answer' : (probe.failure ?? 'silence');
}

const STEP_MS = 2;
