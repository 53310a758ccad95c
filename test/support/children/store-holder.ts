import { putSetting } from '../../../storage/ranges/setting-rows';
import { openStore } from '../../../storage/ranges/store';
import { transact } from '../../../storage/ranges/write-transaction';

/** Opens the store named by its argument, commits one row, leaves another in an open transaction, and waits to be killed. */
const store = openStore(process.argv[2] ?? '');
const db = store.connect();
const row = { value: '', valueType: 's', lastUpdatedMicros: 0 };
transact(db, () => putSetting(db, { ...row, name: 'acknowledged' }));
db.exec('BEGIN IMMEDIATE');
putSetting(db, { ...row, name: 'not committed' });
process.stdout.write('committed\n');
setInterval(() => undefined, 1000);
