import { putSetting } from '../../../storage/ranges/setting-rows';
import { openStore } from '../../../storage/ranges/store';
import { setWriteTime } from '../../../storage/ranges/write-time';
import { transact } from '../../../storage/ranges/write-transaction';

/** Opens the store named by its argument, commits one row, leaves another in an open transaction, and waits to be killed. */
const store = openStore(process.argv[2] ?? '');
const db = store.connect();
const row = { value: '', valueType: 's', lastUpdatedMicros: 0 };
transact(db, () => putSetting(db, { ...row, name: 'acknowledged' }), 1n);
db.exec('BEGIN IMMEDIATE');
setWriteTime(db, 2n);
putSetting(db, { ...row, name: 'not committed' });
setImmediate(() => {
  // Nothing refers to the store any more; the lock has to be held all the same.
  (globalThis as { gc?: () => void }).gc?.();
  process.stdout.write('committed\n');
});
setInterval(() => undefined, 1000);
