import { describe, expect, it } from 'vitest';
import { describeFailure, describeUnreachable } from './connection-failure.js';

describe('describeFailure', () => {
  it('says what happened, without our arguments and without lines of the source of OpenSSL', () => {
    expect(describeFailure(new Error("ERR unknown command 'AUTH', with args beginning with: 's3cret'"))).toBe(
      "ERR unknown command 'AUTH'",
    );
    const alert =
      '80CC:error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required:../rec_layer_s3.c:1601:SSL alert number 116\n';
    expect(describeFailure(new Error(alert))).toBe('tlsv13 alert certificate required');
    expect(describeFailure(new AggregateError([new Error('a'), new Error('b')], ''))).toBe('a, b');
  });
});

describe('describeUnreachable', () => {
  it.each([
    ['rediss://h:1', 'self-signed certificate in certificate chain', '--tls-ca'],
    ['rediss://h:1', 'certificate has expired', "renew the server's certificate"],
    ['rediss://h:1', "Hostname/IP does not match certificate's altnames", 'a host that its certificate names'],
    ['rediss://h:1', 'tlsv13 alert certificate required', '--tls-cert and --tls-key'],
    ['rediss://h:1', 'sslv3 alert certificate expired', '--tls-cert and --tls-key'],
    ['rediss://h:1', 'sslv3 alert certificate revoked', '--tls-cert and --tls-key'],
    ['rediss://h:1', 'sslv3 alert unsupported certificate', '--tls-cert and --tls-key'],
    ['rediss://h:1', 'a closed connection', 'start it or correct the endpoint'],
    ['redis://h:1', 'a closed connection', 'start it or correct the endpoint'],
    ['redis://h:1', 'Connection is closed.', 'its URL begins with rediss://'],
    ['rediss://h:1', 'write ECONNRESET', '--tls-cert and --tls-key'],
    ['rediss://h:1', 'no answer within 5000 ms', 'its URL begins with redis://'],
    ['redis://h:1', 'read ECONNRESET', 'its URL begins with rediss://'],
    ['redis://h:1', 'connect ECONNREFUSED', 'start it or correct the endpoint'],
    ['unix:///s', 'read ECONNRESET', 'start it or correct the endpoint'],
  ])('of %s with "%s" advises: %s', (name, got, advice) => {
    const text = describeUnreachable(name, got);
    expect(text.startsWith(`${name}: expected a Redis server, got ${got}; `)).toBe(true);
    expect(text.slice(text.indexOf('; '))).toContain(advice);
  });
});
