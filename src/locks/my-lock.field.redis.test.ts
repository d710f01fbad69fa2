import { testAdapter } from './adapter.conformance.js';
import { importLock } from './own-lock.js';

testAdapter({
  adapter: await importLock(new URL('./my-lock.template.mjs', import.meta.url).href),
  masters: 1,
  title: 'the template of a lock of your own',
  skips: {
    'a grant that took longer than its ttl is refused': 'it does not look at the clock',
    'a shared lock is refused to whoever asks a lock that has none': 'it trusts the runner, which asks for none',
  },
});
