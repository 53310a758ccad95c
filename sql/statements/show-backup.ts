import {
  BackupChain,
  type ChainSource,
  chainKey,
  locateLayers,
  openLocation,
} from '../../backup/chain';
import { listFullBackups } from '../../backup/format/layout';
import { checkFiles } from '../../backup/show/check-files';
import {
  type BackupRows,
  fileColumns,
  MANIFEST_COLUMNS,
  objectColumns,
  RANGE_COLUMNS,
  type ShowBackupOptions,
  showBackup,
  showBackupFiles,
  showBackupRanges,
  showManifests,
} from '../../backup/show/show-backup';
import { SqlError } from '../../base/errors';
import { STRING } from '../../catalog/types/table';
import type { ResultColumn } from '../engine';
import type { KeyValueOption, ShowBackupStatement, ShowBackupsStatement } from '../parse/ast';
import { requireLocations } from '../privileges/external-access';
import { encryptionSecret } from './encryption-options';
import { chainSource, sourceUris } from './restore';
import type { StatementContext } from './statement-context';
import { statementStorage } from './statement-storage';
import { columnsOf, type TableResult } from './table-result';

/** SHOW BACKUPS IN and SHOW BACKUP. */

export const SHOW_BACKUPS_COLUMNS = columnsOf(['path', STRING]);

export async function showBackups(
  statement: ShowBackupsStatement,
  context: StatementContext,
): Promise<TableResult> {
  for (const { name } of statement.options) {
    throw new SqlError('invalidParameterValue', `invalid option "${name}"`);
  }
  const [collection, ...partitions] = statement.collection; // full backups are where the manifests are
  if (collection === undefined) throw new SqlError('syntaxError', 'no location given');
  for (const partition of partitions) {
    requireLocations(context, [context.text(partition)], 'SHOW BACKUP');
  }
  const uri = context.text(collection);
  requireLocations(context, [uri], 'SHOW BACKUP');
  const storage = await openLocation(uri, statementStorage(context));
  try {
    const paths = await listFullBackups(storage);
    return { columns: SHOW_BACKUPS_COLUMNS, rows: paths.map((path) => [path]) };
  } finally {
    await storage.close();
  }
}

const OPTIONS: ReadonlyMap<string, 'none' | 'value'> = new Map([
  ['privileges', 'none'],
  ['as_json', 'none'],
  ['debug_ids', 'none'],
  ['check_files', 'none'],
  ['encryption_passphrase', 'value'],
  ['kms', 'value'],
  ['incremental_location', 'value'],
]);

function checkOptions(options: readonly KeyValueOption[]): void {
  for (const { name, value } of options) {
    const takes = OPTIONS.get(name);
    if (takes === undefined) {
      throw new SqlError('invalidParameterValue', `invalid option "${name}"`);
    }
    if (takes === 'none' && value !== null) {
      throw new SqlError('invalidParameterValue', `option "${name}" does not take a value`);
    }
    if (takes === 'value' && value === null) {
      throw new SqlError('invalidParameterValue', `option "${name}" requires a value`);
    }
  }
}

export async function showBackupStatement(
  statement: ShowBackupStatement,
  context: StatementContext,
): Promise<TableResult> {
  checkOptions(statement.options);
  const source = sourceOf(statement, context);
  requireLocations(context, sourceUris(source), 'SHOW BACKUP');
  const storage = statementStorage(context);
  const layers = await locateLayers(source, storage);
  const kms = optionValue(statement, 'kms');
  const encryptionPassphrase = optionValue(statement, 'encryption_passphrase');
  const options = { encryptionPassphrase, kms: kms === null ? null : [kms] };
  const secret = encryptionSecret(options, context, 'SHOW BACKUP');
  const opened = secret === undefined ? {} : { key: (await chainKey(layers, secret, storage)).key };
  const chain = await BackupChain.open(layers, { storage, withoutParts: true, ...opened });
  try {
    const { columns, rows } = await rowsOf(statement, chain, context.signal);
    return { columns: columnsOf(...columns), rows };
  } finally {
    await chain.close();
  }
}

const optionValue = (statement: ShowBackupStatement, name: string) =>
  statement.options.find((option) => option.name === name)?.value ?? null;

function sourceOf(statement: ShowBackupStatement, context: StatementContext): ChainSource {
  const { source } = statement;
  const incrementals = optionValue(statement, 'incremental_location');
  return chainSource(
    source.kind === 'path'
      ? { kind: 'layers', layers: [source.path] }
      : { ...source, incrementals: [] },
    context,
    incrementals === null ? null : [incrementals],
  );
}

const hasOption = (statement: ShowBackupStatement, name: string): boolean =>
  statement.options.some((option) => option.name === name);

function objectOptions(statement: ShowBackupStatement): ShowBackupOptions {
  return {
    schemas: statement.details === 'schemas',
    privileges: hasOption(statement, 'privileges'),
    debugIds: hasOption(statement, 'debug_ids'),
    fileBytes: hasOption(statement, 'check_files'),
  };
}

/** Known without reading the backup: what Describe answers. */
export function showBackupColumns(statement: ShowBackupStatement): readonly ResultColumn[] {
  if (hasOption(statement, 'as_json')) return columnsOf(...MANIFEST_COLUMNS);
  switch (statement.details) {
    case 'files':
      return columnsOf(...fileColumns(hasOption(statement, 'check_files')));
    case 'ranges':
      return columnsOf(...RANGE_COLUMNS);
    case 'default':
    case 'schemas':
      return columnsOf(...objectColumns(objectOptions(statement)));
  }
}

async function rowsOf(
  statement: ShowBackupStatement,
  chain: BackupChain,
  signal: AbortSignal,
): Promise<BackupRows> {
  const stored = hasOption(statement, 'check_files') ? await checkFiles(chain, signal) : undefined;
  if (hasOption(statement, 'as_json')) return showManifests(chain);
  switch (statement.details) {
    case 'files':
      return showBackupFiles(chain, stored);
    case 'ranges':
      return showBackupRanges(chain);
    case 'default':
    case 'schemas':
      return showBackup(chain, objectOptions(statement), stored);
  }
}
