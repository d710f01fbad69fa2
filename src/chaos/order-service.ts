/**
 * The child's side of its orders: obeys what the experiment tells it over the channel that it was started with.
 *
 * @module
 */
import { toError } from '../model/errors.js';
import { systemClock } from '../model/time.js';
import type { ChildMessage, NumberedOrder } from './order-messages.js';

/** The answer to an order, and what to do once it has been written to the channel. */
export interface Answer {
  readonly value?: unknown;
  readonly afterwards?: () => void;
}

/** Tells the experiment something that it did not ask for. */
export type Notify = (value: object) => void;

/**
 * Obeys orders until the channel closes, which also happens when the experiment dies. Orders do not wait for one
 * another.
 *
 * @param obey one order; what it throws is told to the experiment
 * @param end ends this process
 */
export function serveOrders(obey: (order: unknown) => Promise<Answer>, end: () => void): Notify {
  const send = (message: Omit<ChildMessage, 'sentNs'>, written: () => void = () => undefined): void => {
    // It is written by now or the channel is broken, and then there is nobody to tell.
    if (process.connected) {
      process.send?.({ ...message, sentNs: systemClock.nowNs() }, undefined, undefined, written);
    }
  };
  // The experiment decides when this process ends: a terminal's Ctrl-C is its business.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('disconnect', end);
  process.on('message', (message) => {
    const { id, order } = message as NumberedOrder;
    obey(order).then(
      ({ value, afterwards }) => {
        send({ id, value }, afterwards);
      },
      (thrown: unknown) => {
        send({ id, failure: toError(thrown).message });
      },
    );
  });
  send({ note: { kind: 'listening' } });
  if (!process.connected) end();
  return (note) => {
    send({ note });
  };
}
