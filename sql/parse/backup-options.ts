import { stringOf } from './actions';
import type { BackupOptions, RestoreOptions } from './ast';
import type { GrammarToken } from './grammar-tokens';
import { syntaxErrorAt } from './syntax-error';

/** Options of RESTORE and BACKUP as data: their names in SQL and whether they take a value. */

interface OptionRow<Options> {
  readonly sql: string;
  readonly field: keyof Options;
  readonly value: 'none' | 'one' | 'list';
}

/** In the order in which job descriptions list them. */
export const RESTORE_OPTIONS = [
  { sql: 'encryption_passphrase', field: 'encryptionPassphrase', value: 'one' },
  { sql: 'kms', field: 'kms', value: 'list' },
  { sql: 'into_db', field: 'intoDb', value: 'one' },
  { sql: 'into_schema', field: 'intoSchema', value: 'one' },
  { sql: 'debug_pause_on', field: 'debugPauseOn', value: 'one' },
  { sql: 'skip_missing_foreign_keys', field: 'skipMissingForeignKeys', value: 'none' },
  { sql: 'skip_missing_sequence_owners', field: 'skipMissingSequenceOwners', value: 'none' },
  { sql: 'skip_missing_sequences', field: 'skipMissingSequences', value: 'none' },
  { sql: 'skip_missing_views', field: 'skipMissingViews', value: 'none' },
  { sql: 'skip_missing_udfs', field: 'skipMissingUdfs', value: 'none' },
  { sql: 'detached', field: 'detached', value: 'none' },
  { sql: 'skip_localities_check', field: 'skipLocalitiesCheck', value: 'none' },
  { sql: 'new_db_name', field: 'newDbName', value: 'one' },
  { sql: 'incremental_location', field: 'incrementalLocation', value: 'list' },
  { sql: 'schema_only', field: 'schemaOnly', value: 'none' },
  { sql: 'verify_backup_table_data', field: 'verifyBackupTableData', value: 'none' },
] as const satisfies readonly OptionRow<RestoreOptions>[];

export const BACKUP_OPTIONS = [
  { sql: 'revision_history', field: 'revisionHistory', value: 'none' },
  { sql: 'encryption_passphrase', field: 'encryptionPassphrase', value: 'one' },
  { sql: 'detached', field: 'detached', value: 'none' },
  { sql: 'kms', field: 'kms', value: 'list' },
  {
    sql: 'include_deprecated_interleaves',
    field: 'includeDeprecatedInterleaves',
    value: 'none',
  },
  { sql: 'incremental_location', field: 'incrementalLocation', value: 'list' },
] as const satisfies readonly OptionRow<BackupOptions>[];

/** Those that CockroachDB's errors call options. */
const OPTION_NOUN: ReadonlySet<string> = new Set([
  'revision_history',
  'detached',
  'include_deprecated_interleaves',
  'incremental_location',
]);

const namesWith = (rows: readonly OptionRow<never>[], value: OptionRow<never>['value']) =>
  new Set(rows.filter((row) => row.value === value).map((row) => row.sql));

const testers = (rows: readonly OptionRow<never>[]) => {
  const none = namesWith(rows, 'none');
  const one = namesWith(rows, 'one');
  const list = namesWith(rows, 'list');
  const test = (names: ReadonlySet<string>) => ({
    test: (token: GrammarToken) => token.type === 'word' && names.has(token.text),
  });
  return { none: test(none), one: test(one), list: test(list) };
};

/** Terminals of the grammar. */
export const restoreOption = testers(RESTORE_OPTIONS);
export const backupOption = testers(BACKUP_OPTIONS);

/** An option as the grammar read it. */
export interface GivenOption {
  readonly name: GrammarToken;
  readonly values: readonly GrammarToken[];
}

/** @throws SqlError syntaxError when an option is given twice. */
export function restoreOptions(given: readonly GivenOption[]): RestoreOptions {
  return collect<RestoreOptions>(RESTORE_OPTIONS, given);
}

/** @throws SqlError syntaxError when an option is given twice. */
export function backupOptions(given: readonly GivenOption[]): BackupOptions {
  return collect<BackupOptions>(BACKUP_OPTIONS, given);
}

function collect<Options>(
  rows: readonly OptionRow<Options>[],
  given: readonly GivenOption[],
): Options {
  const options: Record<string, unknown> = Object.fromEntries(
    rows.map((row) => [row.field, row.value === 'none' ? false : null]),
  );
  const seen = new Set<string>();
  for (const { name, values } of given) {
    const row = rows.find((each) => each.sql === name.text);
    if (row === undefined) continue;
    if (seen.has(row.sql)) {
      const last = values.at(-1) ?? name;
      throw syntaxErrorAt(name.context.source, last.token, {
        reason: `${row.sql}${OPTION_NOUN.has(row.sql) ? ' option' : ''} specified multiple times`,
      });
    }
    seen.add(row.sql);
    const strings = values.map(stringOf);
    options[String(row.field)] =
      row.value === 'none' ? true : row.value === 'list' ? strings : (strings[0] ?? null);
  }
  return options as Options;
}
