/**
 * The process of the guarded resource: one thread, so that all that happens to it has one order.
 *
 * @module
 */
import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { FencingLedger, type LedgerRule } from '../check/fencing-ledger.js';
import { toError } from '../model/errors.js';
import { systemClock } from '../model/time.js';
import { serveOrders, type Answer } from './order-service.js';
import { Presence } from './presence.js';
import { LineReader, type NumberedRequest, type ResourceReply } from './resource-protocol.js';

export type ResourceOrder =
  { readonly kind: 'open'; readonly path: string; readonly rule: LedgerRule } | { readonly kind: 'report' };

class Resource {
  readonly #presence = new Presence(systemClock);
  #ledger = new FencingLedger();
  #path: string | undefined;

  async obey(order: ResourceOrder): Promise<Answer> {
    if (order.kind === 'report') {
      return { value: { witness: this.#presence.report(), ledger: this.#ledger.report() } };
    }
    this.#ledger = new FencingLedger(order.rule);
    this.#path = order.path;
    const server = createServer((socket) => {
      this.#serve(socket);
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(order.path, resolve);
    });
    return {};
  }

  end(): void {
    // The next resource may listen in the same folder.
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
    process.exit(0);
  }

  #serve(socket: Socket): void {
    const lines = new LineReader();
    const inside = new Map<string, number>();
    socket.setEncoding('utf8').on('data', (text: string) => {
      for (const line of lines.read(text)) {
        const request = JSON.parse(line) as NumberedRequest;
        const reply = this.#answer(request, inside);
        if (socket.writable) socket.write(`${JSON.stringify(reply)}\n`);
      }
    });
    socket.on('error', () => undefined);
    // Whoever is gone holds nothing any more, however it went.
    socket.on('close', () => {
      for (const [hold, keyIndex] of inside) this.#presence.leave(keyIndex, hold);
    });
  }

  #answer(request: NumberedRequest, inside: Map<string, number>): ResourceReply {
    const { id } = request;
    try {
      switch (request.kind) {
        case 'enter':
          this.#ledger.introduce(request);
          this.#presence.enter(request.keyIndex, request.hold);
          inside.set(request.hold, request.keyIndex);
          break;
        case 'leave':
          this.#presence.leave(request.keyIndex, request.hold);
          inside.delete(request.hold);
          break;
        case 'read':
          return { id, kind: 'read', ...this.#ledger.read(request.hold) };
        case 'write':
          return { id, kind: 'written', ...this.#ledger.write(request) };
      }
      return { id, kind: 'done' };
    } catch (thrown) {
      return { id, kind: 'failed', reason: toError(thrown).message };
    }
  }
}

const resource = new Resource();
serveOrders(
  (order) => resource.obey(order as ResourceOrder),
  () => {
    resource.end();
  },
);
