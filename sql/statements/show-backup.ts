import { BackupChain, type ChainSource, locateLayers, openLocation } from '../../backup/chain';
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
  const [collection] = statement.collection;
  if (collection === undefined || statement.collection.length > 1) {
    throw notSupported('SHOW BACKUPS IN several locations');
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
  refuseUnknownOptions(statement.options, ['privileges']);
  const source = sourceOf(statement, context);
  requireLocations(context, sourceUris(source), 'SHOW BACKUP');
  const layers = await locateLayers(source, context.engine.storage);
  const chain = await BackupChain.open(layers, context.engine.storage);
  try {
    const { columns, rows } = rowsOf(statement, chain);
    return { columns: columnsOf(...columns), rows };
  } finally {
    await chain.close();
  }
}

function sourceOf(statement: ShowBackupStatement, context: StatementContext): ChainSource {
  const { source } = statement;
  return chainSource(
    source.kind === 'path'
      ? { kind: 'layers', layers: [source.path] }
      : { ...source, incrementals: [] },
    context,
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
