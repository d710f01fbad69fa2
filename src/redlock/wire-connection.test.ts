import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Endpoint } from '../model/endpoint.js';
import { EnvironmentError } from '../model/errors.js';
import { seededRandom } from '../model/random.js';
import { Batch } from './batch.js';
import type { Dialect } from './dialect.js';
import { eventually } from './redis.fixture.js';
import type { RespValue } from './resp-reader.js';
import { renderCommand } from './resp-writer.js';
import { answerPlainly, ScriptedServer } from './scripted-server.fixture.js';
import { WireConnection, type ConnectionSettings, type Correspondent } from './wire-connection.js';

let server: ScriptedServer;
let opened: WireConnection<Question, string>[] = [];

beforeEach(async () => {
  server = await ScriptedServer.start();
});
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(opened.map((connection) => connection.close()));
  opened = [];
  await server.stop();
});

interface Question {
  readonly text: string;
}

/** What a correspondent is told, in words. */
class Diary implements Correspondent<Question, string> {
  readonly lines: string[] = [];
  protocol: number | undefined;
  handleReply({ text: question }: Question, asker: string, reply: RespValue): void {
    this.lines.push(`${asker}: ${question} = ${reply instanceof Error ? reply.message : JSON.stringify(reply)}`);
  }
  handleDrop({ text: question }: Question, asker: string, { reached, cause }: { reached: string; cause: Error }): void {
    this.lines.push(`${asker}: ${question} ${reached}, ${cause.message}`);
  }
  handlePush(items: readonly RespValue[]): void {
    this.lines.push(`push ${JSON.stringify(items)}`);
  }
  handleReady(dialect: Dialect, protocol: 2 | 3): void {
    this.protocol = protocol;
    this.lines.push(`ready ${dialect.release}`);
  }
  handleLoss(cause: Error): void {
    this.lines.push(`lost: ${cause.message}`);
  }
}

function open(
  endpoint: Partial<Endpoint> = {},
  name = 'unix://test',
): { connection: WireConnection<Question, string>; diary: Diary; ask: (question: string) => void } {
  const diary = new Diary();
  const settings: ConnectionSettings = {
    endpoint: { ...server.endpoint, ...endpoint },
    name,
    commands: 'auto',
    random: seededRandom(1),
    nothing: new Batch(),
  };
  const connection = new WireConnection<Question, string>(settings, diary);
  opened.push(connection);
  return {
    connection,
    diary,
    ask: (question) => {
      connection.ask(renderCommand(...question.split(' ')), { text: question }, 'ann');
    },
  };
}

it('sends all that is asked in one tick at once, and brings each reply to its question', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = ([, key]) => `+${key ?? ''}\r\n`;
  const reads = server.reads;
  for (const key of ['a', 'b', 'c']) ask(`GET ${key}`);
  expect(connection.unanswered).toBe(3);
  await eventually(() => diary.lines.length === 4);
  expect(diary.lines).toEqual(['ready script', 'ann: GET a = "a"', 'ann: GET b = "b"', 'ann: GET c = "c"']);
  expect(server.reads - reads).toBe(1);
  expect(connection.unanswered).toBe(0);
});

it('reads replies that come byte by byte, between pushes', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = () => undefined;
  ask('GET a');
  ask('GET b');
  await eventually(() => server.asked.length === 2);
  for (const byte of '>2\r\n+x\r\n+y\r\n$2\r\nhi\r\n>1\r\n+z\r\n-ERR no\r\n') {
    server.send(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => diary.lines.length === 5);
  expect(diary.lines.slice(1)).toEqual(['push ["x","y"]', 'ann: GET a = "hi"', 'push ["z"]', 'ann: GET b = ERR no']);
});

it('votes maybe for everything in flight when the connection drops, sends none of it again, and comes back', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = (words, socket) => (words[0] === 'SET' ? undefined : answerPlainly(words, socket));
  ask('SET a');
  ask('SET b');
  await eventually(() => server.asked.length === 2);
  server.hangUp();
  await eventually(() => diary.lines.length === 5);
  expect(diary.lines).toEqual([
    'ready script',
    'ann: SET a maybe, the connection was lost',
    'ann: SET b maybe, the connection was lost',
    'lost: the connection was lost',
    'ready script',
  ]);
  expect(server.asked).toEqual(['SET a', 'SET b']);
});

it('has one obstacle for an outage, and none while it is ready', async () => {
  const { connection } = open();
  expect(connection.obstacle?.cause.message).toContain('call connect() first');
  await connection.connect();
  expect(connection.obstacle).toBeUndefined();
  await server.unlisten();
  await eventually(() => connection.obstacle !== undefined);
  const { obstacle } = connection;
  expect(obstacle).toMatchObject({ kind: 'failed', reached: 'never' });
  expect(connection.obstacle).toBe(obstacle);
});

it('rejects when the first try fails, with what was expected, and goes on trying', async () => {
  await server.unlisten();
  const { connection, diary } = open();
  await expect(connection.connect()).rejects.toThrow(EnvironmentError);
  await expect(connection.connect()).rejects.toThrow(
    /^unix:\/\/test: expected a Redis server, got connect ENOENT .*; start it or correct the endpoint$/,
  );
  await server.listen();
  await eventually(() => diary.lines.includes('ready script'));
  await connection.connect();
});

it.each([
  ['LOADING Redis is loading the dataset in memory', 'SCRIPT'],
  ['MASTERDOWN Link with MASTER is down', 'SCRIPT'],
  ['WRONGPASS invalid username-password pair or user is disabled.', 'HELLO'],
])('is not ready where the greeting is answered with %j, and is later when it is not', async (message, name) => {
  server.answer = (words, socket) => (words[0] === name ? `-${message}\r\n` : answerPlainly(words, socket));
  const { connection, diary } = open();
  await expect(connection.connect()).rejects.toThrow(message);
  expect(diary.lines).toEqual([]);
  server.answer = answerPlainly;
  await eventually(() => diary.lines.length > 0);
  expect(diary.lines).toEqual(['ready script']);
});

it('speaks RESP2 with an old server, and never repeats the password that such a server repeats', async () => {
  const words = 'ERR unknown command `HELLO`, with args beginning with: `3`, `AUTH`, `default`, `s3cret`, ';
  server.answer = ([name]) => (name === 'HELLO' ? `-${words}\r\n` : name === 'AUTH' ? '+OK\r\n' : '$-1\r\n');
  const { connection, diary } = open({ password: 's3cret' });
  await connection.connect();
  expect(diary.protocol).toBe(2);
  expect(server.commands.filter((command) => command.startsWith('AUTH'))).toEqual(['AUTH s3cret']);

  server.answer = () => `-${words}\r\n`;
  const refused = open({ password: 's3cret' });
  const failure: unknown = await refused.connection.connect().catch((error: unknown) => error);
  expect(String(failure)).toContain('unknown command');
  expect(inspect([failure, refused.connection], { depth: 4 }).replace(/password: .*/g, '')).not.toContain('s3cret');
});

it('names what a server said before it hung up', async () => {
  server.answer = (_, socket) => {
    socket.end('-ERR max number of clients reached\r\n');
    return undefined;
  };
  await expect(open().connection.connect()).rejects.toThrow('max number of clients reached');
});

it.each([
  ['something else than Redis', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'expected a type of RESP, got byte 72'],
  ['one reply too many', '+OK\r\n+OK\r\n', 'expected a reply to a command, got one more'],
])('gives a connection up after %s', async (_, bytes, message) => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = (words, socket) => (words[0] === 'GET' ? bytes : answerPlainly(words, socket));
  ask('GET a');
  await eventually(() => diary.lines.at(-1) === 'ready script' && diary.lines.length > 1);
  expect(diary.lines.at(-2)).toBe(`lost: ${message}`);
});

it('says whom it cannot understand when it connects', async () => {
  server.answer = () => 'HTTP/1.1 400 Bad Request\r\n\r\n';
  await expect(open().connection.connect()).rejects.toThrow('expected a type of RESP, got byte 72');
});

it('sends what was asked before it closes, fails what is unanswered, and asks nothing afterwards', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = () => undefined;
  ask('DEL a');
  await connection.close();
  expect(server.asked).toEqual(['DEL a']);
  expect(diary.lines).toEqual(['ready script', 'ann: DEL a maybe, the connection was lost']);
  expect(connection.obstacle).toMatchObject({ reached: 'never', cause: { message: 'the connection was closed' } });
  await connection.close();
  await expect(connection.connect()).rejects.toThrow(EnvironmentError);
  expect(server.connections).toBe(1);
});

it('closes while it connects, and while it waits for its next try', async () => {
  server.answer = () => undefined;
  const greeting = open();
  const call = greeting.connection.connect();
  const outcome = expect(call).rejects.toThrow('the connection was closed');
  await eventually(() => server.commands.length > 0);
  await greeting.connection.close();
  await outcome;

  await server.unlisten();
  const waiting = open();
  await expect(waiting.connection.connect()).rejects.toThrow('ENOENT');
  await waiting.connection.close();
});

it('gives up a server that accepts and says nothing', async () => {
  server.answer = () => undefined;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const { connection } = open();
  const outcome = expect(connection.connect()).rejects.toThrow('no answer within 5000 ms');
  while (server.commands.length === 0) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(5_000);
  await outcome;
});

it('is silent when commands wait for over a second, and is given up after five', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  server.answer = () => undefined;
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  ask('SET a');
  while (server.asked.length < 1) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(1_000);
  expect(connection.isSilent).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(connection.isSilent).toBe(true);
  server.send('+OK\r\n');
  while (diary.lines.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(connection.isSilent).toBe(false);

  ask('SET b');
  while (server.asked.length < 2) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(5_000);
  expect(diary.lines).toHaveLength(2);
  vi.advanceTimersByTime(1_000);
  while (diary.lines.length < 4) await new Promise((resolve) => setImmediate(resolve));
  expect(diary.lines.slice(2)).toEqual([
    'ann: SET b maybe, no answer to anything within 5000 ms',
    'lost: no answer to anything within 5000 ms',
  ]);
});

it('watches nothing while nothing is unanswered', async () => {
  const { connection, diary, ask } = open();
  await connection.connect();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  ask('SET a');
  while (diary.lines.length < 2) await new Promise((resolve) => setImmediate(resolve));
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
  ask('SET b');
  while (diary.lines.length < 3) await new Promise((resolve) => setImmediate(resolve));
  expect(vi.getTimerCount()).toBe(1);
});
