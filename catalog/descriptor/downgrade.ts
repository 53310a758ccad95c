import { clearField, clone, type DescField, type Message } from '@bufbuild/protobuf';
import { downgradeType } from './downgrade-type';
import { type Descriptor, DescriptorSchema } from './gen/descriptor_pb';
import {
  ColumnDescriptorSchema,
  LocalityConfig_RegionalByRowSchema,
  LocalityConfig_RegionalByTableSchema,
  type TableDescriptor,
} from './gen/table_pb';

/**
 * Descriptors as v21.1 and v21.2 store them, from the form that the catalog has: the inverse of `upgradeDescriptors`.
 *
 * Source: format reference 05; the descriptors in backups of v21.2-alpha.
 */

/** Since the releases of v21.2 a primary index lists what it stores; whoever reads an older one fills that in. */
const LISTS_STORED_COLUMNS = 4;
const INDEX_VERSION = 2;

/** @returns a copy */
export function storedForm(descriptor: Descriptor): Descriptor {
  const stored = clone(DescriptorSchema, descriptor);
  const { union } = stored;
  if (union.case === 'table') downgradeTable(union.value);
  if (union.case === 'type' && union.value.alias !== undefined) downgradeType(union.value.alias);
  return stored;
}

function downgradeTable(table: TableDescriptor): void {
  const { primaryIndex } = table;
  const mutated = table.mutations.flatMap(({ descriptor }) =>
    descriptor.case === 'column' ? [descriptor.value] : [],
  );
  for (const column of [...table.columns, ...mutated]) {
    if (column.type !== undefined) downgradeType(column.type);
    // v21.2 refuses a column that is both; its early alphas know and show what is not hidden.
    if (column.inaccessible) Object.assign(column, { hidden: true, inaccessible: false });
    clearEmpty(column, [
      ColumnDescriptorSchema.field.defaultExpr,
      ColumnDescriptorSchema.field.computeExpr,
      ColumnDescriptorSchema.field.onUpdateExpr,
      ColumnDescriptorSchema.field.generatedAsIdentitySequenceOption,
    ]);
  }
  if (primaryIndex !== undefined && primaryIndex.version >= LISTS_STORED_COLUMNS) {
    primaryIndex.version = INDEX_VERSION;
    primaryIndex.encodingType = 0;
    primaryIndex.storeColumnIds = [];
    primaryIndex.storeColumnNames = [];
  }
  const locality = table.localityConfig?.locality;
  if (locality?.case === 'regionalByRow') {
    clearEmpty(locality.value, [LocalityConfig_RegionalByRowSchema.field.as]);
  }
  if (locality?.case === 'regionalByTable') {
    clearEmpty(locality.value, [LocalityConfig_RegionalByTableSchema.field.region]);
  }
}

/** CockroachDB tells "none" from "empty": an empty DEFAULT would be parsed. */
function clearEmpty(message: Message, fields: readonly DescField[]): void {
  const values = message as unknown as Record<string, unknown>;
  for (const field of fields) if (values[field.localName] === '') clearField(message, field);
}
