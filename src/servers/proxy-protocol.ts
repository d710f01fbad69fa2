/**
 * What the run and the process of its proxies say to each other.
 *
 * @module
 */
import type { SidecarReady } from './sidecar.js';
import type { Link } from './tcp-proxy.js';

export interface ProxyRequest {
  readonly kind: 'open';
  readonly links: readonly Link[];
  /** Of the jitter. */
  readonly seed: number;
}

export type ProxyReply =
  | SidecarReady
  /** In the order of the links; each on 127.0.0.1. */
  | { readonly kind: 'opened'; readonly ports: readonly number[] }
  | { readonly kind: 'failed'; readonly reason: string };
