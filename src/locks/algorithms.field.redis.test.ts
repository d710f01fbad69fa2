import { testAdapter } from './adapter.conformance.js';
import { delOnReleaseAdapter } from './del-on-release.js';
import { getThenDelAdapter } from './get-then-del.js';
import { setNxPxAdapter } from './set-nx-px.js';
import { setexAdapter } from './setex.js';
import { setnxExpireScriptAdapter } from './setnx-expire-script.js';
import { setnxThenExpireAdapter } from './setnx-then-expire.js';
import { setnxAdapter } from './setnx.js';

const LATE = { 'a grant that took longer than its ttl is refused': 'it does not look at the clock' };
const WHOLE_SECONDS = { 'its key lives no longer than was asked for': 'it counts in whole seconds, rounded up' };
const UNSAFE_RELEASE = {
  'masters that were silent during its acquisition keep no key of it': 'its release could delete the lock of another',
  'an abort is answered within the node timeout of silent masters, and no key of it is kept':
    'its release could delete the lock of another',
};

testAdapter({
  adapter: setnxAdapter,
  masters: 1,
  skips: {
    ...LATE,
    'its key lives no longer than was asked for': 'it has no ttl',
    'the end of its ttl frees it': 'it has no ttl',
    'a release after its ttl is told that the lock is lost, and leaves the next holder alone': 'it has no ttl',
  },
});

testAdapter({ adapter: setnxThenExpireAdapter, masters: 1, skips: { ...LATE, ...WHOLE_SECONDS } });

testAdapter({ adapter: setnxExpireScriptAdapter, masters: 1, skips: { ...LATE, ...WHOLE_SECONDS } });

testAdapter({
  adapter: setexAdapter,
  masters: 1,
  skips: {
    ...LATE,
    ...UNSAFE_RELEASE,
    ...WHOLE_SECONDS,
    'it promises its ttl from the attempt that was granted, and no more': 'nobody ever waits for it',
    'a held lock is refused to another client, after one attempt where one was asked for': 'it excludes nobody',
    'a held lock is refused to its own client': 'it excludes nobody',
    'a release lets in the client that waits': 'nobody ever waits for it',
    'an abort ends the waiting, and leaves nothing behind': 'nobody ever waits for it',
    'the waiting ends with the acquire timeout, after more than one attempt': 'nobody ever waits for it',
    'fifty slots of one client never hold one lock together, and each gets it': 'it excludes nobody',
  },
});

testAdapter({ adapter: setNxPxAdapter, masters: 1, skips: LATE });

testAdapter({ adapter: getThenDelAdapter, masters: 1, skips: { ...LATE, ...UNSAFE_RELEASE } });

testAdapter({
  adapter: delOnReleaseAdapter,
  masters: 1,
  skips: {
    ...LATE,
    ...UNSAFE_RELEASE,
    'a release after its ttl is told that the lock is lost, and leaves the next holder alone':
      'it deletes what is there',
    'a second release leaves the next holder alone': 'it deletes what is there',
  },
});
