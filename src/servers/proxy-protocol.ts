/**
 * What the run and the process of its proxies say to each other.
 *
 * @module
 */
import type { Impairment, LinkCounters } from './impairment.js';
import type { SidecarReady } from './sidecar.js';
import type { Link } from './tcp-proxy.js';

export type ProxyRequest =
  | {
      readonly kind: 'open';
      readonly links: readonly Link[];
      /** Of the jitter. */
      readonly seed: number;
    }
  /** `index` counts the links from 0; `id` comes back in the answer. */
  | { readonly kind: 'impair'; readonly id: number; readonly index: number; readonly impairment: Impairment }
  | { readonly kind: 'count'; readonly id: number; readonly index: number };

export type ProxyReply =
  | SidecarReady
  /** In the order of the links; each on 127.0.0.1. */
  | { readonly kind: 'opened'; readonly ports: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string }
  | ProxyAnswer;

/** What both questions about an open link are answered with: its counters, after what was asked for. */
export interface ProxyAnswer {
  readonly kind: 'counters';
  readonly id: number;
  readonly counters: LinkCounters;
}
