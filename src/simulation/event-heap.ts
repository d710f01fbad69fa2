/**
 * What is to happen, in the order in which it will.
 *
 * @module
 */
import type { Ns } from '../model/time.js';
import type { Host } from './host.js';

/**
 * At one instant timers come first, then what arrived from the network, then immediates: the phases of Node's event
 * loop.
 */
export type Phase = 0 | 1 | 2;

export const TIMERS: Phase = 0;
export const ARRIVALS: Phase = 1;
export const IMMEDIATES: Phase = 2;

export interface VirtualEvent {
  atNs: Ns;
  readonly phase: Phase;
  /** The order of those that have instant and phase in common. */
  order: number;
  /** Whose code it runs; undefined: that of the world, which is never paused. */
  readonly host: Host | undefined;
  /** Undefined once it was cancelled. */
  act: (() => void) | undefined;
}

/** A binary heap. */
export class EventHeap {
  readonly #events: VirtualEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  push(event: VirtualEvent): void {
    const events = this.#events;
    let index = events.length;
    events.push(event);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      events[index] = parent;
      index = above;
    }
    events[index] = event;
  }

  /** Takes the next one out. */
  pop(): VirtualEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = 2 * index + 1;
      let child = events[below];
      if (child === undefined) break;
      const right = events[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below++;
      }
      if (!isBefore(child, last)) break;
      events[index] = child;
      index = below;
    }
    events[index] = last;
    return first;
  }
}

function isBefore(one: VirtualEvent, other: VirtualEvent): boolean {
  if (one.atNs !== other.atNs) return one.atNs < other.atNs;
  if (one.phase !== other.phase) return one.phase < other.phase;
  return one.order < other.order;
}
