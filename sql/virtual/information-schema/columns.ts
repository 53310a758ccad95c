import { displayExpression } from '../../../catalog/show-create';
import type { SqlType } from '../../../catalog/types/sql-type';
import { INT8, STRING, typeRow } from '../../../catalog/types/table';
import { typeName } from '../../../catalog/types/type-name';
import { plainExpression } from '../definitions';
import { schemaOf, systemTable } from '../system-table';
import {
  characterLength,
  dataTypeName,
  datetimePrecision,
  numericPrecision,
  numericRadix,
  numericScale,
} from './type-columns';
import { yesOrNo } from './yes-or-no';

const BYTES_A_CHARACTER_MAX = 4;

function typeColumns(type: SqlType) {
  const length = characterLength(type);
  const bytes = type.family === 'bit' ? undefined : length;
  return {
    data_type: dataTypeName(type),
    character_maximum_length: length,
    character_octet_length: bytes === undefined ? undefined : bytes * BYTES_A_CHARACTER_MAX,
    numeric_precision: numericPrecision(type),
    numeric_precision_radix: numericRadix(type),
    numeric_scale: numericScale(type),
    datetime_precision: datetimePrecision(type),
    udt_name: udtName(type),
    crdb_sql_type: typeName(type),
  };
}

function udtName(type: SqlType): string | undefined {
  if (type.element !== undefined) return `_${udtName(type.element) ?? ''}`;
  return type.enum?.name ?? typeRow(type)?.typname;
}

export const columns = systemTable({
  schema: 'information_schema',
  name: 'columns',
  columns: {
    table_catalog: STRING,
    table_schema: STRING,
    table_name: STRING,
    column_name: STRING,
    column_comment: STRING,
    ordinal_position: INT8,
    column_default: STRING,
    is_nullable: STRING,
    data_type: STRING,
    character_maximum_length: INT8,
    character_octet_length: INT8,
    numeric_precision: INT8,
    numeric_precision_radix: INT8,
    numeric_scale: INT8,
    datetime_precision: INT8,
    interval_type: STRING,
    interval_precision: STRING,
    character_set_catalog: STRING,
    character_set_schema: STRING,
    character_set_name: STRING,
    collation_catalog: STRING,
    collation_schema: STRING,
    collation_name: STRING,
    domain_catalog: STRING,
    domain_schema: STRING,
    domain_name: STRING,
    udt_catalog: STRING,
    udt_schema: STRING,
    udt_name: STRING,
    scope_catalog: STRING,
    scope_schema: STRING,
    scope_name: STRING,
    maximum_cardinality: INT8,
    dtd_identifier: INT8,
    is_self_referencing: STRING,
    is_identity: STRING,
    identity_generation: STRING,
    identity_start: STRING,
    identity_increment: STRING,
    identity_maximum: STRING,
    identity_minimum: STRING,
    identity_cycle: STRING,
    is_generated: STRING,
    generation_expression: STRING,
    is_updatable: STRING,
    is_hidden: STRING,
    crdb_sql_type: STRING,
  },
  *rows({ database, objects, catalog, systemTables }) {
    const plain = { is_identity: 'NO', is_generated: 'NO', generation_expression: '' };
    for (const listed of systemTables)
      for (const [i, column] of listed.columns.entries())
        yield {
          ...plain,
          ...typeColumns(column.type),
          table_catalog: database.name,
          table_schema: schemaOf(listed),
          table_name: listed.name,
          column_name: column.name,
          ordinal_position: i + 1,
          is_nullable: 'YES',
          udt_catalog: database.name,
          udt_schema: 'pg_catalog',
          is_updatable: 'NO',
          is_hidden: 'NO',
        };
    for (const { info, namespace } of objects.relations)
      for (const column of info.columns) {
        if (column.inaccessible === true) continue;
        const { type, defaultExpr, computeExpr } = column;
        const generated = computeExpr !== undefined;
        yield {
          ...plain,
          ...typeColumns(type),
          table_catalog: database.name,
          table_schema: namespace.name,
          table_name: info.name,
          column_name: column.name,
          ordinal_position: column.id,
          column_default:
            defaultExpr === undefined ? undefined : displayExpression(defaultExpr, catalog),
          is_nullable: yesOrNo(column.nullable),
          collation_name: type.locale,
          collation_catalog: type.locale === undefined ? undefined : database.name,
          collation_schema: type.locale === undefined ? undefined : 'pg_catalog',
          udt_catalog: database.name,
          udt_schema: (type.element ?? type).enum?.schemaName ?? 'pg_catalog',
          is_generated: yesOrNo(generated),
          generation_expression: generated ? plainExpression(computeExpr, catalog) : '',
          is_updatable: yesOrNo(info.kind === 'table' && !generated),
          is_hidden: yesOrNo(column.hidden),
        };
      }
  },
});
