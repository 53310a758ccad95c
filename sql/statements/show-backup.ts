import {
  BackupChain,
  type ChainSource,
  chainKey,
  locateLayers,
  openLocation,
} from '../../backup/chain';
import { listFullBackups } from '../../backup/format/layout';
import {
  type BackupRows,
  FILE_COLUMNS,
  objectColumns,
  RANGE_COLUMNS,
  type ShowBackupOptions,
  showBackup,
  showBackupFiles,
  showBackupRanges,
} from '../../backup/show/show-backup';
import { notSupported, SqlError } from '../../base/errors';
import { STRING } from '../../catalog/types/table';
import type { ResultColumn } from '../engine';
import type { KeyValueOption, ShowBackupStatement, ShowBackupsStatement } from '../parse/ast';
import { requireLocations } from '../privileges/external-access';
import { chainSource, sourceUris } from './restore';
import type { StatementContext } from './statement-context';
import { columnsOf, type TableResult } from './table-result';

/** SHOW BACKUPS IN and SHOW BACKUP. */

export const SHOW_BACKUPS_COLUMNS = columnsOf(['path', STRING]);

export async function showBackups(
  statement: ShowBackupsStatement,
  context: StatementContext,
): Promise<TableResult> {
  refuseUnknownOptions(statement.options, []);
  const [collection, ...partitions] = statement.collection; // full backups are where the manifests are
  if (collection === undefined) throw new SqlError('syntaxError', 'no location given');
  for (const partition of partitions) {
    requireLocations(context, [context.text(partition)], 'SHOW BACKUP');
  }
  const uri = context.text(collection);
  requireLocations(context, [uri], 'SHOW BACKUP');
  const storage = await openLocation(uri, context.engine.storage);
  try {
    const paths = await listFullBackups(storage);
    return { columns: SHOW_BACKUPS_COLUMNS, rows: paths.map((path) => [path]) };
  } finally {
    await storage.close();
  }
}

const KNOWN_OPTIONS = [
  'privileges',
  'as_json',
  'debug_ids',
  'check_files',
  'encryption_passphrase',
  'kms',
  'incremental_location',
];

/** @param supported names that are honoured */
function refuseUnknownOptions(
  options: readonly KeyValueOption[],
  supported: readonly string[],
): void {
  for (const { name } of options) {
    if (supported.includes(name)) continue;
    if (KNOWN_OPTIONS.includes(name)) throw notSupported(`SHOW BACKUP option "${name}"`);
    throw new SqlError('invalidParameterValue', `invalid option "${name}"`);
  }
}

export async function showBackupStatement(
  statement: ShowBackupStatement,
  context: StatementContext,
): Promise<TableResult> {
  refuseUnknownOptions(statement.options, [
    'privileges',
    'encryption_passphrase',
    'incremental_location',
  ]);
  const source = sourceOf(statement, context);
  requireLocations(context, sourceUris(source), 'SHOW BACKUP');
  const layers = await locateLayers(source, context.engine.storage);
  const passphrase = optionValue(statement, 'encryption_passphrase');
  const { storage } = context.engine;
  const chain = await BackupChain.open(
    layers,
    passphrase === null
      ? { storage }
      : { storage, key: await chainKey(layers, context.text(passphrase), storage) },
  );
  try {
    const { columns, rows } = rowsOf(statement, chain);
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

function objectOptions(statement: ShowBackupStatement): ShowBackupOptions {
  return {
    schemas: statement.details === 'schemas',
    privileges: statement.options.some((option) => option.name === 'privileges'),
  };
}

/** Known without reading the backup: what Describe answers. */
export function showBackupColumns(statement: ShowBackupStatement): readonly ResultColumn[] {
  switch (statement.details) {
    case 'files':
      return columnsOf(...FILE_COLUMNS);
    case 'ranges':
      return columnsOf(...RANGE_COLUMNS);
    case 'default':
    case 'schemas':
      return columnsOf(...objectColumns(objectOptions(statement)));
  }
}

function rowsOf(statement: ShowBackupStatement, chain: BackupChain): BackupRows {
  switch (statement.details) {
    case 'files':
      return showBackupFiles(chain);
    case 'ranges':
      return showBackupRanges(chain);
    case 'default':
    case 'schemas':
      return showBackup(chain, objectOptions(statement));
  }
}
