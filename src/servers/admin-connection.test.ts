import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { AdminConnection, AdminError } from './admin-connection.js';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Answers INFO as the process that it is said to be, anything else with OK, and keeps what it heard. */
async function listenAs(
  pid: number,
): Promise<{ readonly admin: AdminConnection; readonly heard: string[]; pid: number }> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const admin = new AdminConnection({
    socket: { kind: 'tcp', host: '127.0.0.1', port, tls: false },
    username: undefined,
    password: undefined,
    database: 0,
  });
  const listener = { admin, heard: [] as string[], pid };
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      // Several may come at once: each is an array of bulk strings.
      for (const text of chunk
        .toString()
        .split(/^\*\d+\r\n/m)
        .slice(1)) {
        const command = text.split('\r\n')[1]?.toUpperCase() ?? '';
        listener.heard.push(command);
        const info = `process_id:${String(listener.pid)}\r\n`;
        socket.write(command === 'INFO' ? `$${String(info.length)}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  });
  closers.push(
    () => server.close(),
    () => {
      admin[Symbol.dispose]();
    },
  );
  return listener;
}

describe('the connection to a server of our own', () => {
  it('sends nothing to another process that has its port', async () => {
    const listener = await listenAs(8);
    listener.admin.expectedPid = 7;
    for (let tries = 0; tries < 3; tries++) {
      const answer = listener.admin.call('FLUSHALL');
      await expect(answer).rejects.toThrow(AdminError);
      await expect(answer).rejects.toThrow('expected an answer from process 7, got one from process 8');
    }
    expect(listener.heard).toEqual(['INFO', 'INFO', 'INFO']);
    // The one that is meant has come back.
    listener.pid = 7;
    expect(await listener.admin.call('FLUSHALL')).toBe('OK');
  });

  it('asks once who answers, and not before each command', async () => {
    const { admin, heard } = await listenAs(7);
    admin.expectedPid = 7;
    expect(await Promise.all([admin.call('SET', 'a', 'b'), admin.call('DEL', 'a')])).toEqual(['OK', 'OK']);
    await admin.call('PING');
    expect(heard).toEqual(['INFO', 'SET', 'DEL', 'PING']);
  });

  it('takes whoever answers where nobody in particular is expected', async () => {
    const { admin, heard } = await listenAs(8);
    expect(await admin.call('PING')).toBe('OK');
    expect(heard).toEqual(['PING']);
  });
});
