import { testRedlock } from './redlock.conformance.js';

testRedlock({ transport: 'ioredis' });
