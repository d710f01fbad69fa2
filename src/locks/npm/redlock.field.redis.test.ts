import { IOREDIS_HANGS, TAKES_EXPIRED, testNpmLock, WAITS_FOR_ALL } from './npm.fixture.js';

const TELLS_NO_EXPIRY = {
  'a grant that took longer than its ttl is refused': 'it refuses it, and tells it like a held lock',
};

testNpmLock('npm:redlock@4', 1, TELLS_NO_EXPIRY, IOREDIS_HANGS);
testNpmLock('npm:redlock@4', 3, TELLS_NO_EXPIRY, { ...IOREDIS_HANGS, ...WAITS_FOR_ALL });

const PROMISES_FROM_THE_WAIT = {
  'it promises its ttl from the attempt that was granted, and no more':
    'it counts from its first attempt, so that a wait shortens its promise',
};

for (const masters of [1, 3]) {
  testNpmLock('npm:redlock@5', masters, { ...TAKES_EXPIRED, ...PROMISES_FROM_THE_WAIT }, IOREDIS_HANGS);
  testNpmLock('npm:@sesamecare-oss/redlock', masters, TAKES_EXPIRED, IOREDIS_HANGS);
}
