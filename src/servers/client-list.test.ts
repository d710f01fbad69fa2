import { describe, expect, it } from 'vitest';
import { findUsers } from './client-list.js';

const client = (id: number, cmd: string): string =>
  `id=${String(id)} addr=10.0.0.${String(id)}:5000 laddr=10.0.0.1:6379 fd=8 name= age=1 idle=0 flags=N db=0 cmd=${cmd} user=default resp=2`;

describe('findUsers', () => {
  it('leaves out ourselves, monitors, replicas and connections that have sent nothing', () => {
    const list = [
      client(1, 'client|list'),
      client(2, 'info'),
      client(3, 'config|get'),
      client(4, 'NULL'),
      client(5, 'replconf'),
      client(6, 'ping'),
      '',
    ].join('\n');
    expect(findUsers(list, '1')).toEqual([]);
  });

  it('names clients that read, write or run scripts', () => {
    const list = [client(1, 'client|list'), client(2, 'get'), client(3, 'evalsha'), client(4, 'info')].join('\n');
    expect(findUsers(list, '1')).toEqual([
      { address: '10.0.0.2:5000', lastCommand: 'get' },
      { address: '10.0.0.3:5000', lastCommand: 'evalsha' },
    ]);
  });

  it('counts a client whose command the list does not tell', () => {
    expect(findUsers('id=9 addr=10.0.0.9:1', '1')).toEqual([{ address: '10.0.0.9:1', lastCommand: 'unknown' }]);
  });
});
