import { SqlError } from '../../base/errors';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { type NewFamily, requireColumn } from '../../catalog/table-builder';
import type { ColumnDefinition, FamilyDefinition } from '../parse/ddl-ast';
import { qualified } from './qualifications';

/** Families named with columns first, then the FAMILY elements. */
export function familiesOf(
  table: TableDescriptor,
  columns: readonly ColumnDefinition[],
  elements: readonly FamilyDefinition[],
): NewFamily[] {
  const families: { name: string | null; columns: string[] }[] = [];
  for (const column of columns) {
    for (const { qualification: item } of qualified(column, 'family')) {
      const known =
        item.family === null ? undefined : families.find((family) => family.name === item.family);
      if (known !== undefined && (!item.create || item.ifNotExists)) {
        known.columns.push(column.name);
      } else if (item.create) families.push({ name: item.family, columns: [column.name] });
      else throw new SqlError('undefinedObject', `unknown family "${item.family ?? ''}"`);
    }
  }
  for (const element of elements) {
    if (element.name !== null && families.some((family) => family.name === element.name)) {
      throw new SqlError('invalidTableDefinition', `duplicate family name: "${element.name}"`);
    }
    families.push({ name: element.name, columns: [...element.columns] });
  }
  const seen = new Set<string>();
  for (const name of families.flatMap((family) => family.columns)) {
    if (requireColumn(table, name).virtual) {
      const message = `virtual computed column "${name}" cannot be part of a family`;
      throw new SqlError('invalidTableDefinition', message);
    }
    if (seen.has(name)) {
      throw new SqlError('invalidTableDefinition', `column "${name}" is in more than one family`);
    }
    seen.add(name);
  }
  return families;
}
