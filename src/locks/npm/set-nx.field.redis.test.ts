import {
  FOREIGN_KEYS,
  IOREDIS_HANGS,
  RENEWS_ITSELF,
  SILENCE,
  TAKES_EXPIRED,
  testNpmLock,
  WAITS_FOR_ALL,
} from './npm.fixture.js';

const MUTEX_SKIPS = { ...FOREIGN_KEYS, ...TAKES_EXPIRED };
const MUTEX_HANGS = { ...IOREDIS_HANGS, ...RENEWS_ITSELF };

testNpmLock('npm:redis-semaphore/mutex', 1, MUTEX_SKIPS, MUTEX_HANGS);
testNpmLock('npm:redis-semaphore', 1, MUTEX_SKIPS, MUTEX_HANGS);
testNpmLock('npm:redis-semaphore', 3, MUTEX_SKIPS, { ...MUTEX_HANGS, ...WAITS_FOR_ALL });

const FIVE_SECONDS = 'it does so after its own timeout of 5 s, too long to wait for here';
const UNIVERSAL_HANGS = {
  'silent masters make its acquisition indeterminate': FIVE_SECONDS,
  'masters that were silent during its acquisition keep no key of it':
    'it forgets a master that timed out, whose key stays until its ttl',
  'silent masters make its release indeterminate': FIVE_SECONDS,
  'too many dead masters make its acquisition indeterminate': FIVE_SECONDS,
  'masters that die before its release make that indeterminate': FIVE_SECONDS,
  'connections that break during its acquisition make that indeterminate': FIVE_SECONDS,
  'connections that break during its release make that indeterminate': FIVE_SECONDS,
};

testNpmLock('npm:redlock-universal', 1, {}, UNIVERSAL_HANGS);
testNpmLock(
  'npm:redlock-universal',
  3,
  {},
  {
    ...UNIVERSAL_HANGS,
    'a minority of dead masters does not keep it from being taken and released': FIVE_SECONDS,
  },
);

testNpmLock('npm:ioredis-lock', 1, TAKES_EXPIRED, IOREDIS_HANGS);

const WAITS_FOR_EVER = 'it has neither a timeout nor a limit of attempts, and asks for ever';
const SWALLOWS = 'it asks again after every error, for ever';
testNpmLock(
  'npm:redis-lock',
  1,
  {
    ...FOREIGN_KEYS,
    ...TAKES_EXPIRED,
    'a second release leaves the next holder alone': 'its release is a bare DEL, which takes the next lock along',
  },
  {
    ...SILENCE,
    'a held lock is refused to another client, after one attempt where one was asked for': WAITS_FOR_EVER,
    'a held lock is refused to its own client': WAITS_FOR_EVER,
    'the waiting ends with the acquire timeout, after more than one attempt': WAITS_FOR_EVER,
    'too many dead masters make its acquisition indeterminate': SWALLOWS,
    'masters that die before its release make that indeterminate': 'its client queues the DEL until the master is back',
    'connections that break during its acquisition make that indeterminate': SWALLOWS,
  },
);

const NO_ANSWER = 'its release answers nothing';
const COUNTER = 'its counter of fencing tokens stays for ever';
testNpmLock(
  'npm:simple-redis-mutex',
  1,
  {
    ...FOREIGN_KEYS,
    ...TAKES_EXPIRED,
    'nothing of it is left on any master after its release': COUNTER,
    'a release after its ttl is told that the lock is lost, and leaves the next holder alone': NO_ANSWER,
    'it works again once its masters can be reached again':
      'a lost connection is an unhandled rejection in it, which ends its waiting',
  },
  {
    ...SILENCE,
    'too many dead masters make its acquisition indeterminate': 'its client queues the SET until the master is back',
    'connections that break during its acquisition make that indeterminate':
      'its subscriber connects first, again and again, and the SET is not sent until it has',
  },
);
