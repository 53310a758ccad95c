import type { BackupStatement, RestoreStatement } from '../../../sql/parse/ast';
import { formatBackup, formatRestore } from '../../../sql/parse/format';
import { parseStatement } from '../../../sql/parse/parse';
import { loadParser } from '../../../sql/parse/postgres';

beforeAll(loadParser);

const context = {
  redact: (uri: string) => uri.replace(/SECRET=\w+/, 'SECRET=redacted'),
  parameter: (index: number) => `value ${index}`,
};
const LAYER = [['nodelocal://1/bank/2026/11/22-171336.11']];

function restore(sql: string, layers: readonly (readonly string[])[] = LAYER): string {
  return formatRestore(parseStatement(sql) as RestoreStatement, layers, context);
}

function backup(sql: string, subdirectory: string | null, incrementalFrom: string[] = []): string {
  const destination = { subdirectory, uris: ['s3://b?SECRET=x'], incrementalFrom };
  return formatBackup(parseStatement(sql) as BackupStatement, destination, context);
}

test.each([
  // As SHOW JOBS of the real thing prints them.
  [
    "RESTORE bank.customers FROM LATEST IN 'c' WITH OPTIONS (detached, into_db = 'd3')",
    "RESTORE TABLE bank.customers FROM 'nodelocal://1/bank/2026/11/22-171336.11' WITH into_db = 'd3', detached",
  ],
  [
    `RESTORE DATABASE a, "B c" FROM 'x'`,
    `RESTORE DATABASE a, "B c" FROM 'nodelocal://1/bank/2026/11/22-171336.11'`,
  ],
  [
    "RESTORE FROM 'x' AS OF SYSTEM TIME '-1h'",
    "RESTORE FROM 'nodelocal://1/bank/2026/11/22-171336.11' AS OF SYSTEM TIME '-1h'",
  ],
  [
    `RESTORE TABLE a.*, b.public."select", "Quoted Name" AS x FROM 'x' WITH into_db = $1, encryption_passphrase = 'geheim', kms = ('aws:///k?AWS_SECRET_ACCESS_KEY=1', 'aws:///l')`,
    `RESTORE TABLE a.*, b.public."select", "Quoted Name" AS x FROM 'nodelocal://1/bank/2026/11/22-171336.11' WITH encryption_passphrase = '*****', kms = ('aws:///redacted?AWS_SECRET_ACCESS_KEY=redacted', 'aws:///redacted'), into_db = 'value 1'`,
  ],
  [
    "RESTORE TENANT 5 FROM 'x' WITH into_db = 'it''s'",
    "RESTORE TENANT 5 FROM 'nodelocal://1/bank/2026/11/22-171336.11' WITH into_db = e'it\\'s'",
  ],
])('%s', (sql, expected) => {
  expect(restore(sql)).toBe(expected);
});

test('layers and localities', () => {
  expect(restore("RESTORE FROM 'x'", [['a?SECRET=1', 'b'], ['c']])).toBe(
    "RESTORE FROM ('a?SECRET=redacted', 'b'), 'c'",
  );
});

test('backups', () => {
  expect(backup("BACKUP DATABASE bank INTO 'c' WITH detached, revision_history", '/2026')).toBe(
    "BACKUP DATABASE bank INTO '/2026' IN 's3://b?SECRET=redacted' WITH revision_history, detached",
  );
  expect(backup("BACKUP TO 'c' AS OF SYSTEM TIME '-1s' INCREMENTAL FROM 'f'", null, ['f'])).toBe(
    "BACKUP TO 's3://b?SECRET=redacted' AS OF SYSTEM TIME '-1s' INCREMENTAL FROM 'f'",
  );
});
