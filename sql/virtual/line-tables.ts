import { defined } from '../../base/invariant';
import type { SqlType } from '../../catalog/types/sql-type';
import { typeBySqlName } from '../../catalog/types/table';
import { emptyTable, type SystemSchema, type UnnumberedTable } from './system-table';

/** `name type, name type`; `char` is PostgreSQL's one-byte "char". */
function columnsOf(text: string): Record<string, SqlType> {
  const columns: Record<string, SqlType> = {};
  for (const part of text.split(', ')) {
    const [name = '', typeName = ''] = part.split(' ');
    const type = typeBySqlName(typeName === 'char' ? '"char"' : typeName);
    columns[name] = defined(type, `type ${typeName}`);
  }
  return columns;
}

/** Tables without rows, by name, their columns as lines. */
export function lineTables(
  schema: SystemSchema,
  tables: Readonly<Record<string, string>>,
): readonly UnnumberedTable[] {
  return Object.entries(tables).map(([name, columns]) =>
    emptyTable(schema, name, columnsOf(columns)),
  );
}
