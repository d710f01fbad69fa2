import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import type { Commands } from '../model/scenario.js';
import { duplicateMaster, ioredisMaster } from './ioredis-master.js';
import { GRANTED, REFUSED, type Ballot, type Master, type Vote } from './master.js';
import { answerPlainly, ScriptedServer, type Answer } from './scripted-server.fixture.js';

let server: ScriptedServer;
let opened: Master[] = [];

beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(async () => {
  await Promise.all(opened.map((master) => master.close()));
  opened = [];
  await server.stop();
});

async function open(commands: Commands = 'auto'): Promise<Master> {
  const master = ioredisMaster(server.endpoint, 'test', 0, { commands, random: seededRandom(1) });
  opened.push(master);
  await master.connect();
  return master;
}

/** A server with native commands of one kind, and special answers by the first words of a command. */
const native =
  (info: string, special: Record<string, string>): Answer =>
  (words, socket) => {
    const text = words.join(' ');
    const found = Object.entries(special).find(([start]) => text.startsWith(start));
    if (found !== undefined) return found[1];
    return words[0] === 'COMMAND' ? info : answerPlainly(words, socket);
  };
const DELEX = '*2\r\n*2\r\n+delex\r\n:-2\r\n_\r\n';
const DELIFEQ = '*2\r\n_\r\n*2\r\n+delifeq\r\n:3\r\n';

function voteOn(ask: (ballot: Ballot) => void): Promise<Vote> {
  return new Promise((resolve) => {
    ask({ isOpen: true, vote: (_, vote) => resolve(vote) });
  });
}
const release = (master: Master): Promise<Vote> =>
  voteOn((ballot) => {
    master.compareAndDelete(['k'], 'token', ballot);
  });
const extend = (master: Master): Promise<Vote> =>
  voteOn((ballot) => {
    master.compareAndExpire(['k'], 'token', 900, ballot);
  });

/** The first words of what was asked, without ioredis' own questions. */
const asked = (): string[] =>
  server.asked.map((command) => command.split(' ')[0] ?? '').filter((name) => !/^(?:INFO|CLIENT)$/.test(name));

it.each([
  ['DELEX', DELEX, 'DELEX k IFEQ token'],
  ['DELIFEQ', DELIFEQ, 'DELIFEQ k token'],
])('releases and extends one resource natively where the server has %s', async (name, info, command) => {
  server.answer = native(info, { [name]: ':1\r\n', 'SET k token IFEQ': '_\r\n' });
  const master = await open('native');
  expect([await extend(master), await release(master)]).toEqual([REFUSED, GRANTED]);
  expect(server.asked.slice(-2)).toEqual(['SET k token IFEQ token PX 900', command]);
});

it('runs the script instead of a native command that is refused, and stays with it', async () => {
  const refusal = '-ERR unknown command\r\n';
  server.answer = native(DELEX, { DELEX: refusal, 'SET k token IFEQ': refusal, EVALSHA: ':1\r\n' });
  const master = await open();
  for (let i = 0; i < 2; i++) {
    expect([await extend(master), await release(master)]).toEqual([GRANTED, GRANTED]);
  }
  expect(asked()).toEqual(['SET', 'EVALSHA', 'DELEX', 'EVALSHA', 'EVALSHA', 'EVALSHA']);
});

it('runs the script for one extension that found the memory full, and not for the next', async () => {
  server.answer = native(DELEX, { 'SET k token IFEQ': '-OOM command not allowed\r\n', EVALSHA: ':1\r\n' });
  const master = await open();
  expect([await extend(master), await extend(master)]).toEqual([GRANTED, GRANTED]);
  expect(asked()).toEqual(['SET', 'EVALSHA', 'SET', 'EVALSHA']);
});

it('releases by script behind a key prefix, which ioredis would not put before the key of a command new to it', async () => {
  server.answer = native(DELIFEQ, { EVALSHA: ':1\r\n', 'SET p:k token IFEQ': '+OK\r\n' });
  const own = new Redis({ path: server.path, keyPrefix: 'p:', lazyConnect: true });
  const master = duplicateMaster(own, 'test', 0, { commands: 'native', random: seededRandom(1) });
  opened.push(master);
  await master.connect();
  expect([await extend(master), await release(master)]).toEqual([GRANTED, GRANTED]);
  expect(server.asked.slice(-2)).toEqual([
    'SET p:k token IFEQ token PX 900',
    expect.stringMatching(/^EVALSHA \S+ 1 p:k token$/),
  ]);
});

it('uses scripts where Lua was chosen, and refuses to connect where native commands are demanded in vain', async () => {
  server.answer = native(DELEX, { EVALSHA: ':1\r\n' });
  const master = await open('lua');
  expect([await extend(master), await release(master)]).toEqual([GRANTED, GRANTED]);
  expect(asked()).toEqual(['EVALSHA', 'EVALSHA']);
  server.answer = answerPlainly;
  await expect(open('native')).rejects.toThrow(/^test: expected native commands, got a server with neither DELEX/);
});

it('refuses to connect once it is closed, also when it is closed while it connects', async () => {
  const master = ioredisMaster(
    {
      socket: { kind: 'unix', path: '/nowhere/redis.sock' },
      username: undefined,
      password: undefined,
      database: 0,
    },
    'unix:///nowhere/redis.sock',
    0,
    { commands: 'auto', random: seededRandom(1) },
  );
  const connecting = master.connect();
  const refused = expect(connecting).rejects.toThrow(/expected a Redis server, got/);
  await master.close();
  await refused;
  await expect(master.connect()).rejects.toThrow(/got a closed connection/);
});
