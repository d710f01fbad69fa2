// Who may import whom. The table is the design; everything below it only says so to dependency-cruiser.
// `npm run imports:prove` plants a violation of every rule and sees it caught.

const LOCK_INTERFACE = 'src/locks/lock-client.ts';
const LOCK_REGISTRY = 'src/locks/registry.ts';
const DRIVER_LOCKS = 'src/locks/driver-lock.ts';

/** A room (or a file that is a room of its own) and what it may import besides itself. */
const MAY_IMPORT = {
  'src/model/': [],
  'src/redlock/': ['src/model/'],
  'src/locks/': ['src/redlock/', 'src/model/'],
  'src/load/': [LOCK_INTERFACE, 'src/model/'],
  'src/workers/': ['src/load/', 'src/locks/', 'src/model/'],
  'src/servers/': ['src/model/'],
  'src/faults/': ['src/servers/', 'src/model/'],
  'src/check/': ['src/model/'],
  'src/simulation/': ['src/redlock/', 'src/check/', 'src/model/'],
  'src/chaos/': [
    'src/faults/',
    'src/servers/',
    'src/load/',
    LOCK_REGISTRY,
    LOCK_INTERFACE,
    'src/locks/redis-connection.ts',
    'src/check/',
    'src/model/',
  ],
  'src/report/': ['src/model/'],
  'src/plan/': ['src/run.ts', 'src/check/', 'src/model/'],
  'src/cli/': [
    'src/plan/',
    'src/chaos/',
    'src/simulation/',
    'src/run.ts',
    'src/scenario-check.ts',
    'src/report/',
    'src/check/',
    'src/servers/',
    LOCK_REGISTRY,
    'src/model/',
    'bench/scenarios/',
  ],
  'src/run.ts': [
    'src/scenario-check.ts',
    'src/run-evidence.ts',
    'src/result-assembly.ts',
    'src/workers/',
    'src/load/',
    'src/servers/',
    'src/faults/',
    'src/check/',
    LOCK_INTERFACE,
    DRIVER_LOCKS,
    'src/model/',
  ],
  'src/scenario-check.ts': ['src/check/', LOCK_REGISTRY, LOCK_INTERFACE, DRIVER_LOCKS, 'src/model/'],
  'src/run-evidence.ts': ['src/workers/', 'src/load/', 'src/servers/', 'src/check/', 'src/model/'],
  'src/result-assembly.ts': ['src/run-evidence.ts', 'src/load/', 'src/check/', 'src/model/'],
  'src/index.ts': ['src/redlock/', 'src/model/'],
  'bench/scenarios/': ['src/model/'],
  'bench/micro/': ['src/'],
  'bench/peers/': ['src/'],
};

/** The package exports it by its name. */
const TEMPLATE = 'src/locks/my-lock.template.mjs';

/** What starts a program or a thread, or is printed for users, and so is imported by nobody. */
const ENTRIES = [...require('./knip.json').entry, TEMPLATE].filter((entry) => /^(src|bench)\//.test(entry));

const OURS = '^(src|bench)/';
/** Tests, and the fixtures that only they use, may reach into any room. */
const TESTS = '\\.(test|oracle|conformance|fixture)\\.m?[jt]s$';
const JUNK_DRAWERS = '(^|/)(utils?|commons?|helpers?|types)(\\.ts$|/)';

const literally = (path) => path.replace(/[.]/g, '\\.').replace(/\*/g, '[^/]*');
const startsWith = (paths) => paths.map((path) => `^${literally(path)}`);
const packages = (names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;

const directions = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  name: `direction-of-${room.replace(/\/$/, '').replace(/^src\//, '')}`,
  comment: `${room} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing of ours'}`,
  severity: 'error',
  from: { path: startsWith([room]), pathNot: TESTS },
  to: { path: OURS, pathNot: startsWith([room, ...allowed]) },
}));

module.exports = {
  forbidden: [
    ...directions,
    {
      name: 'every-file-has-a-room',
      comment: 'A file outside the rooms of the table would be bound by no direction.',
      severity: 'error',
      from: { path: OURS, pathNot: [TESTS, ...startsWith(Object.keys(MAY_IMPORT))] },
      to: {},
    },
    {
      name: 'redis-client-only-in-redlock-locks-servers',
      comment: 'And where the peers are measured, which want clients to be handed to them.',
      severity: 'error',
      from: {
        path: OURS,
        pathNot: [TESTS, ...startsWith(['src/redlock/', 'src/locks/', 'src/servers/', 'bench/peers/'])],
      },
      to: { path: packages(['ioredis', 'iovalkey', 'redis', '@redis', '@valkey']) },
    },
    {
      name: 'vega-only-in-render',
      comment: 'Vega takes most of a second to load, so only the file that draws loads it. A type costs nothing.',
      severity: 'error',
      from: { path: OURS, pathNot: [TESTS, ...startsWith(['src/report/render.ts'])] },
      to: { path: packages(['vega', 'vega-lite', 'vega-embed']), dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-cycle', severity: 'error', from: { path: OURS }, to: { circular: true } },
    {
      name: 'reached-from-an-entry',
      comment:
        'A file that no entry reaches is dead, or kept alive by its test alone. Entries stand in knip.json. ' +
        'Types declared for a package are found by nobody but the compiler.',
      severity: 'error',
      from: { path: startsWith(ENTRIES) },
      to: { path: OURS, pathNot: [TESTS, '\\.d\\.ts$', ...startsWith(ENTRIES)], reachable: false },
    },
    { name: 'no-import-of-a-test', severity: 'error', from: { path: OURS, pathNot: TESTS }, to: { path: TESTS } },
    {
      name: 'no-junk-drawer',
      severity: 'error',
      from: { path: OURS },
      to: { path: JUNK_DRAWERS, pathNot: 'node_modules' },
    },
    {
      name: 'no-barrel',
      comment: 'Only the library has one door; elsewhere an import names the file that it means.',
      severity: 'error',
      from: { path: OURS, pathNot: '^src/index\\.ts$' },
      to: { dependencyTypes: ['export'] },
    },
    {
      name: 'no-dev-dependency-in-src',
      comment: 'Users of the package do not get them.',
      severity: 'error',
      from: { path: '^src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'only-declared-packages',
      severity: 'error',
      from: { path: OURS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: OURS },
      // Tests of worker threads import the build, which may not be there yet.
      to: { couldNotResolve: true, pathNot: '/dist/' },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    // Types are design too: a type-only import obeys the same directions.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
