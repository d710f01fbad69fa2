/**
 * A holder to be killed: takes a lock, keeps it alive, and says until when it is valid at first.
 *
 * @module
 */
import process from 'node:process';
import { Redlock } from '../../dist/src/redlock/redlock.js';

const [transport, resource, ttlMs, endpoints] = process.argv.slice(2);
const redlock = new Redlock(JSON.parse(endpoints), { transport });
await redlock.connect();
const lock = await redlock.acquire(resource, Number(ttlMs));
process.stdout.write(String(lock.validUntilNs));
