/**
 * Finds the compose files that a name means: those that come along, overlays on them, or files of the user.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { UsageError } from '../model/errors.js';
import { readComposeFiles, type ComposeOffer } from './compose-file.js';

/** Topologies that come along. */
export const COMPOSE_NAMES = ['masters-1', 'masters-3', 'masters-5', 'failover', 'tls-acl'] as const;
/** What can be laid over those of them that have masters of these names. */
export const COMPOSE_OVERLAYS = ['proxy'] as const;

/** A topology of containers, as its files describe it; nothing is started. */
export interface ComposeTopology extends ComposeOffer {
  /** As it was asked for. */
  readonly name: string;
  /** Absolute paths, the later ones laid over the earlier ones. */
  readonly files: readonly string[];
  /** Whether the base is a file of the user's, whose masters may know users that we do not. */
  readonly isForeign: boolean;
}

/**
 * Reads what `masters-3`, `masters-3+proxy` or `./my-compose.yaml` means.
 *
 * @throws UsageError for an unknown name, a file that cannot be read or that publishes no master, GuardError for ports
 * that others could reach
 */
export function readComposeTopology(name: string, environment: NodeJS.ProcessEnv): ComposeTopology {
  const [base = '', ...overlays] = name.split('+');
  if (isOverlay(base)) {
    throw new UsageError([
      `--compose ${name}: expected a topology under the overlay ${base}, got none; use masters-3+${base}`,
    ]);
  }
  const texts = [base, ...overlays].map((part) => readPart(part));
  const files = texts.map(({ path }) => path);
  return { name, files, isForeign: !isTopology(base), ...readComposeFiles(texts, environment) };
}

function readPart(part: string): { readonly path: string; readonly text: string } {
  const isOurs = isOverlay(part) || isTopology(part);
  if (!isOurs && !/[/\\]|\.ya?ml$/.test(part)) {
    throw new UsageError([
      `--compose: expected ${COMPOSE_NAMES.join(', ')}, one with +${COMPOSE_OVERLAYS.join(' or +')}, or the path of a file, got "${part}"`,
    ]);
  }
  // By the name under which the package exports it: the same file from the sources, from dist and when installed.
  const path = isOurs ? createRequire(import.meta.url).resolve(`redlock-bench/compose/${part}.yaml`) : resolve(part);
  try {
    return { path, text: readFileSync(path, 'utf8') };
  } catch {
    throw new UsageError([`--compose: expected a file that can be read, got ${path}`]);
  }
}

function isTopology(part: string): boolean {
  return COMPOSE_NAMES.some((name) => name === part);
}

function isOverlay(part: string): boolean {
  return COMPOSE_OVERLAYS.some((name) => name === part);
}
