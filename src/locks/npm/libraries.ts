/**
 * The npm libraries that can be measured, by name: `npm:redlock@4`, `npm:redlock@4.2.0`, `npm:redlock@4:equal`.
 *
 * @module
 */
import { EnvironmentError, toError, UsageError } from '../../model/errors.js';
import type { LockListing } from '../../model/lock-listing.js';
import { MOST_MASTERS } from '../../model/scenario.js';
import type { LockAdapter } from '../lock-client.js';
import { NpmLockClient } from './client.js';
import { ioredisVersion } from './ioredis.js';
import { IOREDIS_LOCK } from './ioredis-lock.js';
import type { NpmLibrary, Profile } from './library.js';
import {
  findPackage,
  isVersion,
  searchedPlaces,
  type InstalledPackage,
  type PackageWish,
  type Place,
} from './package.js';
import { REDIS_LOCK } from './redis-lock.js';
import { REDIS_SEMAPHORE, REDIS_SEMAPHORE_MUTEX } from './redis-semaphore.js';
import { REDLOCK_UNIVERSAL } from './redlock-universal.js';
import { REDLOCK_4 } from './redlock4.js';
import { REDLOCK_5, SESAMECARE } from './redlock5.js';
import { SIMPLE_REDIS_MUTEX } from './simple-redis-mutex.js';

const LIBRARIES: readonly NpmLibrary[] = [
  REDLOCK_4,
  REDLOCK_5,
  SESAMECARE,
  REDIS_SEMAPHORE,
  REDIS_SEMAPHORE_MUTEX,
  REDLOCK_UNIVERSAL,
  REDIS_LOCK,
  IOREDIS_LOCK,
  SIMPLE_REDIS_MUTEX,
];

/** Libraries that exist and cannot be measured. */
const UNUSABLE: Readonly<Record<string, string>> = {
  'npm:node-redlock':
    'a version that Node can import: its only one, 2.3.0, was published as TypeScript sources, without the redlock.js ' +
    'that its package.json names',
};

/** The beginning of all their names. */
export const NPM_PREFIX = 'npm:';

/** All of them, in the order in which they are listed, with the versions that would be measured here. */
export function listNpmLocks(places = searchedPlaces()): readonly LockListing[] {
  return [
    ...LIBRARIES.map((library) => listing(library, places)),
    ...Object.entries(UNUSABLE).map(([name, waitsFor]) => unusableListing(name, waitsFor)),
  ];
}

/**
 * Finds a library by its name, and the copy of it that is to be measured: the user's own, otherwise the one that npm put
 * beside us.
 *
 * @throws UsageError for an unknown name, for a package that is missing or of another version, and for one that Node
 * could not import
 */
export function findNpmLock(name: string, places = searchedPlaces()): LockAdapter {
  const { bare, version, profile } = parseName(name);
  const unusable = UNUSABLE[bare];
  if (unusable !== undefined) throw new UsageError([`--lock ${name}: waits for ${unusable}`]);
  const candidates = LIBRARIES.filter((library) => isNamed(library, bare, version));
  const [first] = candidates;
  if (first === undefined) {
    const known = LIBRARIES.map((library) => library.name).join(', ');
    throw new UsageError([`--lock: expected one of ${known}, each also with :equal behind it, got ${name}`]);
  }
  const wish = {
    name: first.package.name,
    versions: version === undefined ? candidates.flatMap((one) => one.package.versions) : [version],
    aliases: candidates.flatMap((one) => one.package.aliases ?? []),
  };
  const install = installCommand(first, version);
  const found = requirePackage(wish, places, name, install, ownCommand(first, version));
  const library = candidates.find((one) => one.package.versions.some((known) => isVersion(found.version, known)));
  const { client } = first;
  return adapterOf(
    library ?? first,
    name,
    profile,
    found,
    client === undefined ? undefined : requirePackage(client, places, name, install, install),
  );
}

/** `npm:redis-semaphore/mutex@5.8.0:equal` → `npm:redis-semaphore/mutex`, `5.8.0`, `equal`. */
function parseName(name: string): { bare: string; version: string | undefined; profile: Profile } {
  const [, bare = name, version, equal] = /^(npm:@?[^@:]+)(?:@v?([^:]+))?(:equal)?$/.exec(name) ?? [];
  return { bare, version, profile: equal === undefined ? 'own' : 'equal' };
}

/** Whether a library goes by that name, at a version that it knows. */
function isNamed(library: NpmLibrary, bare: string, version: string | undefined): boolean {
  if (library.name.replace(/(.)@\d+$/, '$1') !== bare) return false;
  return version === undefined || library.package.versions.some((known) => isVersion(version, known));
}

/** @param repair what installs a copy again that is torn: under an alias it would still be found first */
function requirePackage(
  wish: PackageWish,
  places: readonly Place[],
  lock: string,
  install: string,
  repair: string,
): InstalledPackage {
  const found = findPackage(wish, places);
  const expected = `--lock ${lock}: expected the package ${wish.name} ${wish.versions.join(' or ')}`;
  switch (found.kind) {
    case 'missing':
      throw new UsageError([`${expected}, found none; run ${install}`]);
    case 'other version':
      throw new UsageError([`${expected}, found ${found.package.version} ${found.package.place}; run ${install}`]);
    case 'found':
      if (found.package.isComplete) return found.package;
      throw new UsageError([`${expected}, found ${found.package.version} without its main file; run ${repair}`]);
  }
}

/**
 * Installs the version that was asked for, or the one that was tested if that is what was meant: under an alias where
 * there is one, because two versions under one name would replace each other.
 */
function installCommand({ package: wish, testedVersion, client }: NpmLibrary, asked = testedVersion): string {
  const own = `npm install ${aliased(wish, meantVersion(testedVersion, asked))}`;
  return client === undefined ? own : `${own} ${aliased(client, client.testedVersion)}`;
}

/** The same under its own name. */
function ownCommand({ package: { name }, testedVersion }: NpmLibrary, asked = testedVersion): string {
  return `npm install ${name}@${meantVersion(testedVersion, asked)}`;
}

function meantVersion(tested: string, asked: string): string {
  return isVersion(tested, asked) ? tested : asked;
}

function aliased({ name, aliases: [alias] = [] }: PackageWish, version: string): string {
  return alias === undefined ? `${name}@${version}` : `${alias}@npm:${name}@${version}`;
}

function describe({ does, retries }: NpmLibrary, profile: Profile): string {
  return profile === 'own' ? `${does}; its own retries: ${retries.own}` : `${does}; equalised: ${retries.equal}`;
}

const versionOf = ({ name, version }: InstalledPackage): string => `${name} ${version}`;

function adapterOf(
  library: NpmLibrary,
  name: string,
  profile: Profile,
  found: InstalledPackage,
  client: InstalledPackage | undefined,
): LockAdapter {
  const { capabilities, flaw, keyOf } = library;
  const on = client === undefined ? `ioredis ${ioredisVersion()}` : `${client.name} ${client.version}`;
  return {
    name,
    description: describe(library, profile),
    capabilities,
    version: `${versionOf(found)} on ${on}`,
    ...(flaw === undefined ? {} : { flaw }),
    ...(keyOf === undefined ? {} : { keyOf }),
    async open(context) {
      const driven = await library.open({ library: load(found), client: client && load(client), context, profile });
      return new NpmLockClient(name, capabilities, driven);
    },
  };
}

/** @throws EnvironmentError when the package is there and does not load */
function load(found: InstalledPackage): unknown {
  try {
    return found.load();
  } catch (error) {
    throw new EnvironmentError(
      `${versionOf(found)}: expected a package that loads, got: ${toError(error).message}; install it again`,
      { cause: error },
    );
  }
}

function listing(library: NpmLibrary, places: readonly Place[]): LockListing {
  const { name, capabilities, flaw } = library;
  const found = findPackage(library.package, places);
  const isReady =
    found.kind === 'found' && (library.client === undefined || findPackage(library.client, places).kind === 'found');
  return {
    name,
    kind: 'npm',
    description: describe(library, 'own'),
    maxMasters: capabilities.maxMasters,
    canExtend: capabilities.canExtend,
    version: isReady ? versionOf(found.package) : null,
    isUnsafe: flaw !== undefined,
    flaw: flaw ?? null,
    install: isReady ? null : installCommand(library),
    waitsFor: null,
  };
}

function unusableListing(name: string, waitsFor: string): LockListing {
  return {
    name,
    kind: 'npm',
    description: 'Redlock on N masters: SET NX on all at once, settled when all have answered',
    maxMasters: MOST_MASTERS,
    canExtend: true,
    version: null,
    isUnsafe: false,
    flaw: null,
    install: null,
    waitsFor,
  };
}
