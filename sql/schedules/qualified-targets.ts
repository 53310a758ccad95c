import { systemTableName } from '../../backup/backup/targets/targets';
import { starParts } from '../../backup/restore/targets';
import { SqlError } from '../../base/errors';
import type { BackupTargets, TablePattern } from '../parse/ast';
import { currentDatabase, nameDefaults, resolveRelation } from '../session/name-resolution';
import type { StatementContext } from '../statements/statement-context';
import { isTableOfSystem } from '../virtual/registry';

/**
 * The targets of a BACKUP with names that mean the same in every session. Whole databases stay `db.*`: what is made later is
 * backed up as well.
 * @throws SqlError undefinedTable (42P01)
 */
export function qualifiedTargets(targets: BackupTargets, context: StatementContext): BackupTargets {
  if (targets.kind !== 'tables') return targets;
  const { catalog } = context;
  const patterns = targets.patterns.map((pattern) => ({
    ...pattern,
    parts: pattern.star
      ? starParts(catalog, pattern.parts, currentDatabase(context))
      : tableParts(pattern, context),
  }));
  return { kind: 'tables', patterns };
}

function tableParts(pattern: TablePattern, context: StatementContext): readonly string[] {
  const { parts } = pattern;
  const table = resolveRelation(parts, context);
  if (table !== undefined) return [table.databaseName, table.schemaName, table.name];
  const ofSystem = systemTableName(pattern, nameDefaults(context));
  if (ofSystem !== undefined && isTableOfSystem(ofSystem)) return ['system', 'public', ofSystem];
  throw new SqlError(
    'undefinedTable',
    `qualifying backup target tables: target table ${parts.join('.')} could not be resolved`,
  );
}
