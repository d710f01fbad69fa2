/**
 * Finds a package that the user installed, or a copy of our own repository, and reads its version from its own file.
 *
 * @module
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Which package is wanted. */
export interface PackageWish {
  readonly name: string;
  /** Prefixes of the versions that will do, such as `4` or `5.0.0-beta.2`; the parts that are given must be equal. */
  readonly versions: readonly string[];
  /** Other folder names to look under: npm aliases, which let two versions of a package live side by side. */
  readonly aliases?: readonly string[];
}

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** Where it was found, in words. */
  readonly place: string;
  /** Whether the file that its `package.json` names is there. */
  readonly isComplete: boolean;
  /** Loads its CommonJS build, which is what all of them have. Throws what Node says. */
  load(): unknown;
}

/** A folder whose `node_modules`, and those above it, are searched. */
export interface Place {
  readonly folder: string;
  /** For messages, which name no path: `in this project`. */
  readonly words: string;
}

export type Found =
  | { readonly kind: 'found'; readonly package: InstalledPackage }
  | { readonly kind: 'missing' }
  | { readonly kind: 'other version'; readonly package: InstalledPackage };

/** The user's project, then our own package: what we develop with, or what npm put beside us. */
export function searchedPlaces(): readonly Place[] {
  return [
    { folder: process.cwd(), words: 'in this project' },
    { folder: dirname(fileURLToPath(import.meta.url)), words: 'beside redlock-bench' },
  ];
}

/**
 * Finds the wanted package in the first place that has it at all: a user's own copy of another version is reported, not
 * passed over for one that the user never sees.
 */
export function findPackage(wish: PackageWish, places: readonly Place[]): Found {
  for (const place of places) {
    const copies = installedIn(wish, place);
    const right = copies.find(({ version }) => wish.versions.some((prefix) => isVersion(version, prefix)));
    if (right !== undefined) return { kind: 'found', package: right };
    if (copies[0] !== undefined) return { kind: 'other version', package: copies[0] };
  }
  return { kind: 'missing' };
}

/** Whether the parts that `prefix` gives are those of `version`: `4` and `4.2` fit 4.2.0, `5.0.0` does not fit 5.0.0-beta.2. */
export function isVersion(version: string, prefix: string): boolean {
  const parts = version.split('.');
  return prefix.split('.').every((part, index) => part === parts[index]);
}

function installedIn({ name, aliases = [] }: PackageWish, { folder, words }: Place): InstalledPackage[] {
  const require = createRequire(join(folder, 'from-here.js'));
  // The folders that Node itself would search, so that workspaces and hoisting need no rules of our own.
  const searched = require.resolve.paths(name) ?? [];
  return [name, ...aliases].flatMap((installedAs) => {
    const root = searched.map((modules) => join(modules, installedAs)).find((one) => existsSync(manifestOf(one)));
    const manifest = root === undefined ? undefined : readManifest(root);
    // A folder of an alias may hold anything.
    if (manifest?.name !== name) return [];
    const entry = resolveEntry(require, installedAs);
    return [
      {
        name,
        version: manifest.version.replace(/^v/, ''),
        place: words,
        isComplete: entry !== undefined,
        load: () => require(entry ?? installedAs) as unknown,
      },
    ];
  });
}

const manifestOf = (root: string): string => join(root, 'package.json');

/** Read as a file: the `exports` of some packages do not let their `package.json` through. */
function readManifest(root: string): { readonly name: string; readonly version: string } | undefined {
  const manifest: unknown = JSON.parse(readFileSync(manifestOf(root), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null) return undefined;
  const { name, version } = manifest as Readonly<Record<string, unknown>>;
  return typeof name === 'string' && typeof version === 'string' ? { name, version } : undefined;
}

/** What `require` of the package would load: its CommonJS build where it has two. */
function resolveEntry(require: NodeJS.Require, installedAs: string): string | undefined {
  try {
    return require.resolve(installedAs);
  } catch {
    return undefined;
  }
}
