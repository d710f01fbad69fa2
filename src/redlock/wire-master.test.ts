import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../model/random.js';
import type { Commands } from '../model/scenario.js';
import { Batch } from './batch.js';
import { GRANTED, REFUSED, type Ballot, type Master, type Vote } from './master.js';
import { eventually } from './redis.fixture.js';
import { ReplyError } from './resp-reader.js';
import { EXTEND, RELEASE } from './scripts.js';
import { answerPlainly, ScriptedServer, type Answer } from './scripted-server.fixture.js';
import { wireMaster } from './wire-master.js';
import { Composer } from './wire-requests.js';

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

function open(commands: Commands = 'auto'): Master {
  const { endpoint } = server;
  const master = wireMaster(
    { endpoint, name: 'test', commands, random: seededRandom(1), nothing: new Batch() },
    new Composer(),
    4,
  );
  opened.push(master);
  return master;
}

/** Asks for one vote. */
function voteOn(ask: (ballot: Ballot) => void, isOpen = true): Promise<Vote> {
  return new Promise((resolve) => {
    ask({
      isOpen,
      vote: (master, vote) => {
        expect(master).toBe(4);
        resolve(vote);
      },
    });
  });
}

const release = (master: Master, resources = ['k']): Promise<Vote> =>
  voteOn((ballot) => {
    master.compareAndDelete(resources, 'token', ballot);
  });
const extend = (master: Master, resources = ['k']): Promise<Vote> =>
  voteOn((ballot) => {
    master.compareAndExpire(resources, 'token', 900, ballot);
  });
const acquire = (master: Master, resources = ['k'], isOpen = true): Promise<Vote> =>
  voteOn((ballot) => {
    master.setIfAbsent(resources, 'token', 900, ballot);
  }, isOpen);

/** A server with native commands of one kind, and special answers by the first words of a command. */
const native =
  (info: string, special: Record<string, string> = {}): Answer =>
  (words, socket) => {
    const text = words.join(' ');
    const found = Object.entries(special).find(([start]) => text.startsWith(start));
    if (found !== undefined) return found[1];
    return words[0] === 'COMMAND' ? info : answerPlainly(words, socket);
  };
const DELEX = '*2\r\n*2\r\n+delex\r\n:-2\r\n_\r\n';
const DELIFEQ = '*2\r\n_\r\n*2\r\n+delifeq\r\n:3\r\n';

describe('with native commands', () => {
  it('releases and extends one resource by DELEX and SET IFEQ', async () => {
    server.answer = native(DELEX, { DELEX: ':1\r\n', 'SET k token IFEQ': '+OK\r\n' });
    const master = open();
    await master.connect();
    expect([await extend(master), await release(master)]).toEqual([GRANTED, GRANTED]);
    expect(server.asked).toEqual(['SET k token IFEQ token PX 900', 'DELEX k IFEQ token']);
  });

  it('releases one resource by DELIFEQ, and is refused by 0 and null', async () => {
    server.answer = native(DELIFEQ, { DELIFEQ: ':0\r\n', 'SET k token IFEQ': '_\r\n' });
    const master = open();
    await master.connect();
    expect([await extend(master), await release(master)]).toEqual([REFUSED, REFUSED]);
    expect(server.asked).toEqual(['SET k token IFEQ token PX 900', 'DELIFEQ k token']);
  });

  it('goes by script for several resources', async () => {
    server.answer = native(DELEX, { EVALSHA: ':1\r\n' });
    const master = open('native');
    await master.connect();
    expect([await extend(master, ['a', 'b']), await release(master, ['a', 'b'])]).toEqual([GRANTED, GRANTED]);
    expect(server.asked).toEqual([`EVALSHA ${EXTEND.sha} 2 a b token 900`, `EVALSHA ${RELEASE.sha} 2 a b token`]);
  });

  it('uses none where Lua was chosen', async () => {
    server.answer = native(DELEX, { EVALSHA: ':1\r\n' });
    const master = open('lua');
    await master.connect();
    expect([await extend(master), await release(master)]).toEqual([GRANTED, GRANTED]);
    expect(server.commands.some((command) => command.startsWith('COMMAND'))).toBe(false);
    expect(server.asked.map((command) => command.split(' ')[0])).toEqual(['EVALSHA', 'EVALSHA']);
  });

  it.each([
    "ERR unknown command 'DELIFEQ'",
    'ERR syntax error',
    "NOPERM User u has no permissions to run the 'delifeq' command",
  ])('runs the script instead after %j, and stays with it on this connection', async (refusal) => {
    server.answer = native(DELIFEQ, {
      DELIFEQ: `-${refusal}\r\n`,
      'SET k token IFEQ': `-${refusal}\r\n`,
      EVALSHA: ':1\r\n',
    });
    const master = open('native');
    await master.connect();
    expect(await Promise.all([release(master), extend(master)])).toEqual([GRANTED, GRANTED]);
    expect(await Promise.all([release(master), extend(master)])).toEqual([GRANTED, GRANTED]);
    expect(server.asked.map((command) => command.split(' ')[0])).toEqual([
      'DELIFEQ',
      'SET',
      'EVALSHA',
      'EVALSHA',
      'EVALSHA',
      'EVALSHA',
    ]);

    server.hangUp();
    await new Promise<void>((resolve) => {
      master.onReady(resolve);
    });
    await release(master);
    expect(server.asked.filter((command) => command.startsWith('DELIFEQ'))).toHaveLength(2);
  });

  it('runs the script for one extension that found the memory full, and not for the next', async () => {
    server.answer = native(DELEX, { 'SET k token IFEQ': '-OOM command not allowed\r\n', EVALSHA: ':1\r\n' });
    const master = open();
    await master.connect();
    expect(await extend(master)).toEqual(GRANTED);
    server.answer = native(DELEX);
    expect(await extend(master)).toEqual(GRANTED);
    expect(server.asked.map((command) => command.split(' ')[0])).toEqual(['SET', 'EVALSHA', 'SET']);
  });

  it('sends the script whole when the server lacks the native command and the script', async () => {
    server.answer = native(DELEX, { DELEX: '-ERR unknown command\r\n', EVALSHA: '-NOSCRIPT\r\n', EVAL: ':1\r\n' });
    const master = open();
    await master.connect();
    expect(await release(master)).toEqual(GRANTED);
    expect(server.asked.map((command) => command.split(' ')[0])).toEqual(['DELEX', 'EVALSHA', 'EVAL']);
  });

  it('tells other errors as they are', async () => {
    server.answer = native(DELEX, { DELEX: '-READONLY replica\r\n', SET: '-WRONGTYPE\r\n' });
    const master = open();
    await master.connect();
    expect(await release(master)).toMatchObject({ reached: 'answered', cause: { message: 'READONLY replica' } });
    expect(await extend(master)).toMatchObject({ reached: 'answered', cause: { message: 'WRONGTYPE' } });
    expect(await acquire(master)).toMatchObject({ reached: 'answered', cause: { message: 'WRONGTYPE' } });
    expect(server.asked).toHaveLength(3);
  });

  it('refuses to connect where they were demanded and the server has none, and says which', async () => {
    await expect(open('native').connect()).rejects.toThrow(
      /^test: expected native commands, got a server with neither DELEX \(Redis from 8.4\) nor DELIFEQ/,
    );
  });
});

it('does not acquire by a script that it must send whole when the attempt was settled meanwhile', async () => {
  server.answer = (words, socket) => (words[0] === 'EVALSHA' ? '-NOSCRIPT\r\n' : answerPlainly(words, socket));
  const master = open();
  await master.connect();
  expect(await acquire(master, ['a', 'b'], false)).toMatchObject({ kind: 'failed', reached: 'never' });
  expect(await acquire(master, ['a', 'b'])).toEqual(GRANTED);
  expect(server.asked.map((command) => command.split(' ')[0])).toEqual(['EVALSHA', 'EVALSHA', 'EVAL']);
});

it('gives scripts their replies as RESP2 has them, and failures as failures', async () => {
  const master = open();
  await master.connect();
  const replies: [string, unknown][] = [
    [':7\r\n', 7],
    ['$2\r\nhi\r\n', 'hi'],
    ['#t\r\n', 1],
    ['#f\r\n', null],
    ['*2\r\n:1\r\n-ERR x\r\n', [1, { kind: 'failed', reached: 'answered', cause: new ReplyError('ERR x') }]],
    ['-ERR y\r\n', { kind: 'failed', reached: 'answered', cause: new ReplyError('ERR y') }],
  ];
  for (const [bytes, expected] of replies) {
    server.answer = () => bytes;
    const reply = await new Promise((resolve) => {
      master.evaluate(RELEASE, ['k'], ['a', 1], resolve);
    });
    expect(reply).toEqual(expected);
  }
  expect(server.asked[0]).toBe(`EVALSHA ${RELEASE.sha} 1 k a 1`);
});

describe('a subscription', () => {
  const confirm = '>3\r\n+subscribe\r\n+c\r\n:1\r\n';
  const withSubscribe =
    (reply: string): Answer =>
    (words, socket) =>
      words[0] === 'SUBSCRIBE' ? reply : answerPlainly(words, socket);

  it('is confirmed by a push, between replies, and made again after a reconnection', async () => {
    server.answer = withSubscribe(confirm);
    const master = open();
    const messages: string[] = [];
    master.subscribe('c', (message) => messages.push(message));
    expect(master.isSubscribed).toBe(false);
    await master.connect();
    expect(await Promise.all([acquire(master), acquire(master)])).toEqual([GRANTED, GRANTED]);
    expect(master.isSubscribed).toBe(true);
    server.send('>3\r\n+message\r\n+c\r\n+hi\r\n>3\r\n+message\r\n+other\r\n+no\r\n');
    await eventually(() => messages.length > 0);

    server.answer = withSubscribe('');
    server.hangUp();
    await eventually(() => server.connections === 2);
    expect(master.isSubscribed).toBe(false);
    await eventually(() => server.asked.filter((command) => command === 'SUBSCRIBE c').length === 2);
    server.send(confirm);
    await eventually(() => master.isSubscribed);
    expect(await acquire(master)).toEqual(GRANTED);
    expect(messages).toEqual(['hi']);
  });

  it('stays silent where it is refused, and takes no reply from anyone', async () => {
    server.answer = withSubscribe('-NOPERM no permissions\r\n');
    const master = open();
    await master.connect();
    master.subscribe('c', () => undefined);
    expect(await acquire(master)).toEqual(GRANTED);
    expect(master.isSubscribed).toBe(false);
  });

  it('is not made in RESP2, where it would leave no room for commands', async () => {
    server.answer = (words, socket) => (words[0] === 'HELLO' ? '-NOPROTO\r\n' : answerPlainly(words, socket));
    const master = open();
    master.subscribe('c', () => undefined);
    await master.connect();
    expect(await acquire(master)).toEqual(GRANTED);
    expect(server.asked).toEqual(['SET k token PX 900 NX']);
  });
});

it('sends no more acquisitions to a master that has left 100,000 commands unanswered, but deletions', async () => {
  const master = open();
  await master.connect();
  server.answer = () => undefined;
  const votes: Vote[] = [];
  const ballot: Ballot = { isOpen: true, vote: (_, vote) => votes.push(vote) };
  for (let i = 0; i < 100_000; i++) master.setIfAbsent(['k'], 'token', 900, ballot);
  expect(votes).toEqual([]);
  master.setIfAbsent(['k'], 'token', 900, ballot);
  expect(votes).toMatchObject([
    { kind: 'failed', reached: 'never', cause: { message: '100000 commands are unanswered' } },
  ]);
  master.compareAndDelete(['k'], 'token', ballot);
  expect(votes).toHaveLength(1);
});

it('votes by the reply: OK and 1 grant, null and 0 refuse', async () => {
  const master = open();
  await master.connect();
  for (const [bytes, vote] of [
    ['+OK\r\n', GRANTED],
    ['$-1\r\n', REFUSED],
    ['_\r\n', REFUSED],
  ] as const) {
    server.answer = () => bytes;
    expect(await acquire(master)).toBe(vote);
  }
  server.answer = () => ':0\r\n';
  expect(await release(master)).toBe(REFUSED);
});
