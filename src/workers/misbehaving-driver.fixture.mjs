/**
 * A driver that grants from memory and, told so by its first argument, does one thing wrong after a while. Its second
 * argument is a file for the ids of its processes.
 *
 * @module
 */
import { Buffer } from 'node:buffer';
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { clearInterval, setInterval } from 'node:timers';

const [mode = 'good', idFile] = process.argv.slice(2);
const WRONG_AFTER_NS = 150e6;
/** However late a busy machine lets it begin. */
const LEAST_REPORTED = 100;
const BATCH_MS = 20;
const RECORD_BYTES = 64;
const CONTROL = 1;
const OPERATIONS = 2;
const ACQUIRED = 0;
const DROPPED = 5;
const RELEASED = 1;

/** What each lie does to an honest operation of client 0. */
const LIES = {
  'returned-early': (one) => ({ ...one, returned: one.invoked - 1000 }),
  'intended-late': (one) => ({ ...one, intended: one.invoked + 1000 }),
  'released-early': (one) => ({ ...one, releaseInvoked: one.returned - 1000 }),
  'release-ended-early': (one) => ({ ...one, released: one.releaseInvoked - 1000 }),
  future: (one) => ({ ...one, released: one.released + 3600e9 }),
  'before-barrier': (one) => ({ ...one, intended: 1e9, invoked: 1e9 }),
  client: (one) => ({ ...one, client: 2 }),
  key: (one) => ({ ...one, key: 7 }),
  'promise-before-invoked': (one) => ({ ...one, validUntil: one.invoked - 1000 }),
  'attempts-0': (one) => ({ ...one, attempts: 0 }),
  'never-released': (one) => ({ ...one, releaseStatus: 0, releaseInvoked: 0, released: 0 }),
  'held-and-released': (one) => ({ ...one, status: 1 }),
  'two-at-once': (one) => ({ ...one, intended: one.intended - periodNs, invoked: one.invoked - periodNs }),
  'behind-watermark': (one) => {
    const at = one.invoked - 60e6;
    return { ...one, client: 1, key: 1, intended: at, invoked: at, returned: at, releaseInvoked: at, released: at };
  },
  'dropped-in-closed-loop': (one) => ({ ...one, status: DROPPED }),
  'intended-in-closed-loop': (one) => ({ ...one, intended: one.intended - 1 }),
  status: (one) => ({ ...one, status: 9 }),
};

if (idFile !== undefined) appendFileSync(idFile, `${process.pid}\n`);

const nowNs = () => Number(process.hrtime.bigint());

function send(type, payload) {
  const header = Buffer.alloc(12);
  header.write('RLBD');
  header.writeUInt32LE(type, 4);
  header.writeUInt32LE(payload.length, 8);
  process.stdout.write(Buffer.concat([header, payload]));
}

const say = (message) => send(CONTROL, Buffer.from(JSON.stringify(message)));

function writeInstant(bytes, at, ns) {
  bytes.writeUInt32LE(ns % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(ns / 2 ** 32), at + 4);
}

function pack(operations, watermarkNs, cpuNs) {
  const bytes = Buffer.alloc(16 + operations.length * RECORD_BYTES);
  writeInstant(bytes, 0, watermarkNs);
  writeInstant(bytes, 8, cpuNs);
  operations.forEach((one, index) => {
    const at = 16 + index * RECORD_BYTES;
    bytes.writeUInt8(one.status, at);
    bytes.writeUInt8(one.releaseStatus, at + 1);
    bytes.writeUInt32LE(one.attempts, at + 4);
    bytes.writeUInt32LE(one.client, at + 8);
    bytes.writeUInt32LE(one.key, at + 12);
    const instants = [one.intended, one.invoked, one.returned, one.releaseInvoked, one.released, one.validUntil];
    instants.forEach((ns, place) => writeInstant(bytes, at + 16 + place * 8, ns));
  });
  return bytes;
}

/** An operation that took three quarters of its period. */
function honest(client, key, at, ttlMs) {
  return {
    status: ACQUIRED,
    releaseStatus: RELEASED,
    attempts: 1,
    client,
    key,
    intended: at,
    invoked: at,
    returned: at + periodNs / 4,
    releaseInvoked: at + periodNs / 2,
    released: at + (3 * periodNs) / 4,
    // A promise that is over before the lock is granted.
    validUntil: mode === 'promises-little' ? at + 1000 : at + ttlMs * 1e6,
  };
}

let task;
/** Operations follow each other at this distance, for each client. */
let periodNs = 1e6;
let timer;
let cpuNs = 0;
let reported = 0;

function run({ barrierNs, endNs }) {
  // A hundred thousand operations a second, of all clients together.
  if (mode === 'fast') periodNs = task.clients * 10e3;
  const free = Array.from({ length: task.clients }, () => barrierNs);
  const wrongFromNs = mode === 'good' ? Infinity : barrierNs + WRONG_AFTER_NS;
  const lie = LIES[mode];
  let sentWatermarkNs = barrierNs;
  const batch = () => {
    const now = nowNs();
    const isWrong = now >= wrongFromNs && reported >= LEAST_REPORTED;
    if (isWrong && mode in WRONGS) {
      // Once: on a busy machine the runner reads twice as much at a time.
      if (mode.endsWith('garbage')) clearInterval(timer);
      WRONGS[mode](now);
      return;
    }
    const operations = [];
    const untilNs = Math.min(now, endNs);
    free.forEach((from, client) => {
      let at = from;
      if ((mode === 'behind-watermark' && client === 1) || mode === 'idle-schedule') return;
      // One more period has passed, so that a lie may follow. On a single key all clients hold it at the same time.
      for (; at + 2 * periodNs <= untilNs; at += periodNs) {
        const key = task.keys.kind === 'single' ? 0 : task.firstClient + client;
        operations.push(honest(client, key, at, task.ttlMs));
      }
      free[client] = at;
    });
    reported += operations.length;
    if (isWrong && lie !== undefined) operations.push(lie(honest(0, 0, free[0], task.ttlMs)));
    // All of it is CPU, as far as this driver says.
    cpuNs = mode === 'busy' ? now - barrierNs : cpuNs + 1e6;
    const watermarkNs = mode === 'behind-watermark' ? free[0] : Math.min(...free);
    if (now >= barrierNs) {
      for (let from = 0; from === 0 || from < operations.length; from += 10_000) {
        const isLast = from + 10_000 >= operations.length;
        if (isLast) sentWatermarkNs = watermarkNs;
        send(OPERATIONS, pack(operations.slice(from, from + 10_000), sentWatermarkNs, cpuNs));
      }
    }
    if (now >= endNs) finish();
  };
  timer = setInterval(batch, BATCH_MS);
}

function finish() {
  clearInterval(timer);
  if (mode !== 'unfinished-watermark') send(OPERATIONS, pack([], nowNs(), cpuNs));
  say({ kind: 'finished', ...(mode === 'threw' ? { error: 'RuntimeError: planted' } : {}) });
}

const WRONGS = {
  'early-finish': finish,
  stall: () => clearInterval(timer),
  stubborn: () => {
    clearInterval(timer);
    process.on('SIGTERM', () => {});
    spawn(process.execPath, [import.meta.filename, 'child', idFile], { stdio: 'inherit' });
    setInterval(() => {}, 1000);
  },
  die: () => {
    process.stderr.write('first line\nsegmentation fault, nearly\n');
    process.exitCode = 3;
    process.exit();
  },
  'leak-in-kind': () => say({ kind: task.masters[0].password }),
  'leak-in-garbage': () => process.stdout.write(`Connecting with AUTH ${task.masters[0].password}`),
  leak: () => {
    process.stderr.write(`cannot connect with ${JSON.stringify(task.masters)}\n`);
    process.exit(1);
  },
  garbage: () => process.stdout.write('Segmentation fault\n'),
  json: () => send(CONTROL, Buffer.from('{"kind":')),
  type: () => send(3, Buffer.alloc(0)),
  ragged: () => send(OPERATIONS, Buffer.alloc(16 + 63)),
  talkative: () => {
    say({ kind: 'progress' });
  },
  'big-frame': () => {
    const header = Buffer.alloc(12);
    header.write('RLBD');
    header.writeUInt32LE(OPERATIONS, 4);
    header.writeUInt32LE(2 ** 31, 8);
    process.stdout.write(header);
  },
  flood: () => {
    const frame = pack([], nowNs() - 5e6, 1e9);
    const empty = Buffer.concat([Buffer.from('RLBD\x02\0\0\0\x10\0\0\0', 'latin1'), frame]);
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => empty));
    for (let times = 0; times < 10; times++) process.stdout.write(many);
  },
  'stderr-flood': () => process.stderr.write(Buffer.alloc(4 << 20, 'x')),
  'watermark-back': (now) => send(OPERATIONS, pack([], now - 100e6, 1e12)),
  'watermark-future': (now) => send(OPERATIONS, pack([], now + 1e9, 1e12)),
  'cpu-back': (now) => send(OPERATIONS, pack([], now, 0)),
};

function greet() {
  if (mode === 'silent') return;
  say({
    kind: 'hello',
    protocol: mode === 'other-protocol' ? 2 : 1,
    name: 'fixture',
    version: mode === 'escape' ? '1\u001b[31m' : '1.0',
    runtime: `node ${process.version}`,
    supports: {
      maxMasters: 1,
      loops: mode === 'idle-schedule' ? ['constant'] : ['closed'],
      keys: ['uncontended', 'single'],
      ...(mode === 'leaves-keys' ? { leavesKeys: true } : {}),
    },
    parallelism: 1,
  });
}

const ORDERS = {
  hello: greet,
  configure: (order) => {
    task = order;
    if (mode === 'early') send(OPERATIONS, pack([], nowNs(), 0));
    else if (mode !== 'unready') say({ kind: 'ready' });
    if (mode === 'dies-before-start') process.exit(4);
  },
  start: run,
  stop: finish,
};

if (mode === 'child') {
  process.on('SIGTERM', () => {});
  setInterval(() => {}, 1000);
} else {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const order = JSON.parse(line);
    ORDERS[order.kind](order);
  });
  lines.on('close', () => {
    if (mode !== 'lingering') process.exit();
    process.on('SIGTERM', () => {});
    setInterval(() => {}, 1000);
  });
}
