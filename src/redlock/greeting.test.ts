import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { SCRIPTS_ONLY } from './dialect.js';
import { Greeting, type Introduction } from './greeting.js';
import { ReplyError, type RespValue } from './resp-reader.js';
import { SCRIPTS } from './scripts.js';

const nobody: Introduction = { username: undefined, password: undefined, database: 0, commands: 'auto' };
const loaded: RespValue[] = SCRIPTS.map(({ sha }) => sha);

it('says everything in one go: HELLO with the user, the database, the scripts and the question for commands', () => {
  const { text, answers } = new Greeting({ ...nobody, username: 'u', password: 'p', database: 3 }, 3);
  expect(text).toContain(
    '*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n',
  );
  expect(text).toContain('COMMAND');
  expect(answers).toBe(SCRIPTS.length + 3);
});

it('uses the user `default` for a password alone, in the old protocol none', () => {
  expect(new Greeting({ ...nobody, password: 'p' }, 3).text).toContain('$7\r\ndefault\r\n$1\r\np\r\n');
  expect(new Greeting({ ...nobody, password: 'p' }, 2).text).toContain('*2\r\n$4\r\nAUTH\r\n$1\r\np\r\n');
  expect(new Greeting({ ...nobody, username: 'u', password: 'p' }, 2).text).toContain(
    '*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n',
  );
});

it('does not ask for native commands that shall not be used', () => {
  expect(new Greeting({ ...nobody, commands: 'lua' }, 3).text).not.toContain('COMMAND');
});

it('is ready with the dialect that the server offers, and with scripts where loading or asking is forbidden', () => {
  const greeting = new Greeting(nobody, 3);
  const dialect = { release: 'delex', extend: 'setIfEqual' };
  expect(greeting.judge([[], ...loaded, [['delex'], null]])).toEqual({ status: 'ready', dialect });
  const forbidden = new ReplyError('NOPERM no permissions');
  expect(greeting.judge([[], ...loaded.map(() => forbidden), forbidden])).toEqual({
    status: 'ready',
    dialect: SCRIPTS_ONLY,
  });
});

it.each(['ERR unknown command `HELLO`', 'NOPROTO unsupported protocol version', 'NOPERM no permissions'])(
  'greets again in RESP2 after %j',
  (message) => {
    const greeting = new Greeting({ ...nobody, password: 'p', database: 1 }, 3);
    const denied = new ReplyError('NOAUTH Authentication required.');
    const answers = [new ReplyError(message), denied, ...loaded.map(() => denied), denied];
    expect(greeting.judge(answers)).toEqual({ status: 'older' });
  },
);

it.each([
  ['a wrong password', 0, 'WRONGPASS invalid username-password pair'],
  ['a missing password', 0, 'NOAUTH HELLO must be called with the client already authenticated'],
  ['a database that is not there', 1, 'ERR DB index is out of range'],
  ['a server that loads its data', 2, 'LOADING Redis is loading the dataset in memory'],
  ['a replica without its master', 2, 'MASTERDOWN Link with MASTER is down'],
])('fails for %s', (_, place, message) => {
  const greeting = new Greeting({ ...nobody, database: 1 }, 3);
  const answers: RespValue[] = [[], 'OK', ...loaded, []];
  answers[place] = new ReplyError(message);
  const outcome = greeting.judge(answers);
  expect(outcome.status).toBe('failed');
  expect(inspect(outcome)).toContain(message);
});

it('never repeats the password, which an old server does', () => {
  const greeting = new Greeting({ ...nobody, password: 's3cret' }, 2);
  const outcome = greeting.judge([new ReplyError('ERR unknown command `AUTH`, with args beginning with: `s3cret`')]);
  expect(outcome.status).toBe('failed');
  expect(inspect(outcome, { depth: Infinity })).not.toContain('s3cret');
});

it('does not take a server for ready that wants a password from someone without, in either protocol', () => {
  const denied = new ReplyError('NOAUTH Authentication required.');
  const greeting = new Greeting(nobody, 2);
  expect(greeting.judge([...loaded.map(() => denied), denied])).toMatchObject({ status: 'failed' });
  expect(new Greeting(nobody, 3).judge([denied, ...loaded.map(() => denied), denied])).toMatchObject({
    status: 'failed',
  });
});
