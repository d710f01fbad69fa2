/**
 * Shows that every import rule catches what it forbids: plants one violation of each in a small copy of the house, made
 * of stubs in a temporary folder, and fails when one goes unseen, when a legal import is flagged, or when a rule has no
 * plant here.
 *
 * @module
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CONFIG = path.join(ROOT, '.dependency-cruiser.cjs');

/** A house without a fault: file, and what it imports. */
const LEGAL = {
  'src/model/time.ts': [],
  'src/redlock/redlock.ts': ['../model/time.js', 'ioredis'],
  'src/locks/lock-client.ts': ['../model/time.js'],
  'src/locks/redlock.ts': ['./lock-client.js', '../redlock/redlock.js', '../model/time.js'],
  'src/locks/registry.ts': ['./redlock.js', './lock-client.js'],
  'src/load/driver.ts': ['../locks/lock-client.js', '../model/time.js'],
  'src/workers/fleet.ts': ['../load/driver.js', '../model/time.js'],
  'src/workers/shard-worker.ts': ['../locks/registry.js', '../load/driver.js'],
  'src/servers/spawn.ts': ['../model/time.js', 'ioredis'],
  'src/servers/supervisor.ts': ['../model/time.js'],
  'src/faults/nemesis.ts': ['../servers/spawn.js', '../model/time.js'],
  'src/check/safety.ts': ['../model/time.js'],
  'src/simulation/simulation.ts': ['../redlock/redlock.js', '../check/safety.js', '../model/time.js'],
  'src/chaos/chaos.ts': [
    '../faults/nemesis.js',
    '../servers/spawn.js',
    '../load/driver.js',
    '../locks/registry.js',
    '../locks/lock-client.js',
    '../check/safety.js',
    '../model/time.js',
  ],
  'src/check/safety.test.ts': ['./safety.js', '../servers/spawn.js', 'tinybench', '../../dist/src/absent.js'],
  'src/report/summary.ts': ['../model/time.js'],
  'src/report/render.ts': ['vega', 'vega-lite'],
  'src/report/html.ts': ['./summary.js'],
  'src/plan/compare.ts': ['../run.js', '../check/safety.js', '../model/time.js'],
  'src/locks/driver-lock.ts': ['./lock-client.js'],
  'src/scenario-check.ts': ['./check/safety.js', './locks/registry.js', './locks/driver-lock.js', './model/time.js'],
  'src/run-evidence.ts': ['./workers/fleet.js', './servers/spawn.js', './check/safety.js'],
  'src/result-assembly.ts': ['./run-evidence.js', './load/driver.js', './check/safety.js'],
  'src/run.ts': [
    './scenario-check.js',
    './run-evidence.js',
    './result-assembly.js',
    './workers/fleet.js',
    './faults/nemesis.js',
    './check/safety.js',
    './locks/driver-lock.js',
  ],
  'src/cli/main.ts': [
    '../plan/compare.js',
    '../chaos/chaos.js',
    '../simulation/simulation.js',
    '../run.js',
    '../scenario-check.js',
    '../report/html.js',
    '../report/render.js',
    '../check/safety.js',
    '../servers/spawn.js',
    '../locks/registry.js',
    '../../bench/scenarios/tour.js',
  ],
  'src/index.ts': ['./redlock/redlock.js', './model/time.js'],
  'bench/scenarios/tour.ts': ['../../src/model/time.js'],
  'bench/micro/main.ts': ['../../src/redlock/redlock.js', '../../src/load/driver.js', 'tinybench'],
  'bench/peers/main.ts': [
    './client-process.js',
    '../../src/redlock/redlock.js',
    '../../src/servers/spawn.js',
    'ioredis',
  ],
  'bench/peers/client-process.ts': ['./contended-thread.js'],
  'bench/peers/contended-thread.ts': [],
};

/** One violation each: the rule, the file that breaks it, the import that does, and how where it is no plain import. */
const PLANTS = [
  ['direction-of-model', 'src/model/planted.ts', '../redlock/redlock.js'],
  ['direction-of-redlock', 'src/redlock/planted.ts', '../locks/lock-client.js'],
  ['direction-of-locks', 'src/locks/planted.ts', '../load/driver.js'],
  ['direction-of-load', 'src/load/planted.ts', '../locks/redlock.js'],
  ['direction-of-workers', 'src/workers/planted.ts', '../servers/spawn.js'],
  ['direction-of-servers', 'src/servers/planted.ts', '../redlock/redlock.js'],
  ['direction-of-faults', 'src/faults/planted.ts', '../check/safety.js'],
  ['direction-of-check', 'src/check/planted.ts', '../load/driver.js'],
  ['direction-of-simulation', 'src/simulation/planted.ts', '../servers/spawn.js'],
  ['direction-of-chaos', 'src/chaos/planted.ts', '../workers/fleet.js'],
  ['direction-of-report', 'src/report/planted.ts', '../check/safety.js'],
  ['direction-of-plan', 'src/plan/planted.ts', '../report/summary.js'],
  ['direction-of-cli', 'src/cli/planted.ts', '../locks/redlock.js'],
  ['direction-of-run.ts', 'src/run.ts', './report/summary.js'],
  ['direction-of-scenario-check.ts', 'src/scenario-check.ts', './workers/fleet.js'],
  ['direction-of-run-evidence.ts', 'src/run-evidence.ts', './faults/nemesis.js'],
  ['direction-of-result-assembly.ts', 'src/result-assembly.ts', './report/summary.js'],
  ['direction-of-index.ts', 'src/index.ts', './locks/registry.js'],
  ['direction-of-bench/scenarios', 'bench/scenarios/planted.ts', '../../src/locks/registry.js'],
  ['direction-of-bench/micro', 'bench/micro/planted.ts', '../scenarios/tour.js'],
  ['direction-of-bench/peers', 'bench/peers/planted.ts', '../scenarios/tour.js'],
  ['every-file-has-a-room', 'src/stray.ts', './model/time.js'],
  ['redis-client-only-in-redlock-locks-servers', 'src/load/planted-client.ts', 'ioredis'],
  ['vega-only-in-render', 'src/report/planted-vega.ts', 'vega-lite'],
  ['no-cycle', 'src/model/planted-cycle.ts', './planted-cycle-back.js'],
  ['reached-from-an-entry', 'src/model/planted-orphan.ts'],
  ['no-import-of-a-test', 'src/check/planted-test.ts', './safety.test.js'],
  ['no-junk-drawer', 'src/model/planted-drawer.ts', './utils.js'],
  ['no-barrel', 'src/locks/planted-barrel.ts', './lock-client.js', "export * from './lock-client.js';"],
  ['no-dev-dependency-in-src', 'src/model/planted-dev.ts', 'tinybench'],
  ['only-declared-packages', 'src/model/planted-package.ts', 'undeclared'],
  ['resolvable', 'src/model/planted-absent.ts', './absent.js'],
  // Neither a type-only import nor a late one is a way around.
  ['direction-of-check', 'src/check/planted-type.ts', '../load/driver.js', "import type {} from '../load/driver.js';"],
  ['vega-only-in-render', 'src/report/planted-late.ts', 'vega', "void import('vega');"],
];

/** What the plants import and no legal file is. */
const ACCOMPLICES = { 'src/model/planted-cycle-back.ts': ['./planted-cycle.js'], 'src/model/utils.ts': [] };

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'redlock-bench-rules-'));
try {
  process.exitCode = prove();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

function prove() {
  writePackages();
  writeHouse(LEGAL);
  const flagged = cruise();
  for (const { rule, files, to } of flagged)
    process.stdout.write(`${rule}: ${files[0]} → ${to} is legal and was flagged\n`);

  writeHouse(ACCOMPLICES);
  for (const [, file, specifier, statement] of PLANTS) {
    const plain = specifier === undefined ? 'export {};' : `import '${specifier}';`;
    fs.appendFileSync(inFolder(file), `${statement || plain}\n`);
  }
  const caught = cruise();
  let missed = 0;
  for (const [rule, file, specifier = 'no importer'] of PLANTS) {
    const isCaught = caught.some((violation) => violation.rule === rule && violation.files.includes(file));
    process.stdout.write(`${rule}: ${file} (${specifier}) ${isCaught ? 'caught' : 'NOT CAUGHT'}\n`);
    if (!isCaught) missed++;
  }

  const rules = createRequire(import.meta.url)(CONFIG).forbidden.map(({ name }) => name);
  const unproven = rules.filter((rule) => !PLANTS.some(([planted]) => planted === rule));
  for (const rule of unproven) process.stdout.write(`${rule}: no violation is planted here\n`);
  process.stdout.write(`${String(rules.length - unproven.length)} of ${String(rules.length)} rules have a plant, `);
  process.stdout.write(`${String(PLANTS.length - missed)} of ${String(PLANTS.length)} plants were caught\n`);
  return flagged.length + missed + unproven.length > 0 ? 1 : 0;
}

function writePackages() {
  for (const name of ['ioredis', 'vega', 'vega-lite', 'tinybench', 'undeclared']) {
    writeFile(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    writeFile(`node_modules/${name}/index.js`, '');
  }
  const stub = { ioredis: '1.0.0', vega: '1.0.0', 'vega-lite': '1.0.0' };
  writeFile('package.json', JSON.stringify({ dependencies: stub, devDependencies: { tinybench: '1.0.0' } }));
  fs.copyFileSync(path.join(ROOT, 'tsconfig.json'), inFolder('tsconfig.json'));
}

function writeHouse(house) {
  for (const [file, specifiers] of Object.entries(house)) {
    writeFile(file, `${specifiers.map((specifier) => `import '${specifier}';\n`).join('')}export {};\n`);
  }
}

function writeFile(file, content) {
  fs.mkdirSync(path.dirname(inFolder(file)), { recursive: true });
  fs.writeFileSync(inFolder(file), content);
}

function inFolder(file) {
  return path.join(folder, file);
}

function cruise() {
  const program = path.join(ROOT, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
  const args = [program, '--config', CONFIG, '--output-type', 'json', 'src', 'bench'];
  const { stdout, stderr } = childProcess.spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`dependency-cruiser gave no report: ${stderr}`);
  return JSON.parse(stdout).summary.violations.map(({ rule, from, to, cycle }) => ({
    rule: rule.name,
    // A cycle is reported once, from whichever of its files comes first; the culprit of all else is `from`.
    files: cycle === undefined ? [from] : cycle.map(({ name }) => name),
    to,
  }));
}
