/**
 * What the reports of searches have in common, be it for capacity or for settings.
 *
 * @module
 */
import type { Scenario } from './scenario.js';

export interface SearchReport {
  readonly title: string;
  /** ISO 8601, wall clock. */
  readonly startedAt: string;
  readonly status: 'complete' | 'interrupted';
  readonly seed: number;
  /** As of the first run, without passwords. */
  readonly scenario: Scenario;
  /** With the version that was measured. */
  readonly lock: string;
  readonly isUnsafe: boolean;
  /** What is known to be wrong with the lock; null when nothing is. */
  readonly flaw: string | null;
  /** Broken mutual exclusion, one sentence each. */
  readonly violations: readonly string[];
  /** What was found and what to do, in plain words; one sentence each. */
  readonly statements: readonly string[];
  /** What to know before believing it, one sentence each. */
  readonly warnings: readonly string[];
  readonly exitCode: number;
}
