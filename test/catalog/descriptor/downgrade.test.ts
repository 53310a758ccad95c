import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { clearField, clone, create, isFieldSet, toJson } from '@bufbuild/protobuf';
import { systemDescriptors } from '../../../backup/backup/targets/system-source';
import { BackupManifestSchema } from '../../../backup/format/gen/backup_pb';
import { decodeMessage } from '../../../catalog/descriptor/decode';
import { storedForm } from '../../../catalog/descriptor/downgrade';
import { type Descriptor, DescriptorSchema } from '../../../catalog/descriptor/gen/descriptor_pb';
import {
  IndexDescriptor_Direction,
  IndexDescriptorSchema,
} from '../../../catalog/descriptor/gen/index_pb';
import { ColumnDescriptorSchema } from '../../../catalog/descriptor/gen/table_pb';
import { upgradeDescriptors } from '../../../catalog/descriptor/upgrade';
import { describeShared, fixturesDir, sharedDir } from '../../support/shared';

/** What is written of what was read: the form in which CockroachDB stores it. */

function descriptorsIn(layer: string): Descriptor[] {
  const stored = readFileSync(join(layer, 'BACKUP_MANIFEST'));
  return decodeMessage(BackupManifestSchema, gunzipSync(stored), layer).descriptors;
}

const latest = (collection: string): string =>
  join(collection, readFileSync(join(collection, 'LATEST'), 'utf8'));

/** What an upgrade gives to primary indexes, and empty foreign keys of indexes, are not kept apart. */
function comparable(descriptor: Descriptor): unknown {
  const copy = clone(DescriptorSchema, descriptor);
  if (copy.union.case === 'table') {
    const { primaryIndex, indexes } = copy.union.value;
    for (const index of [...indexes, ...(primaryIndex === undefined ? [] : [primaryIndex])]) {
      clearField(index, IndexDescriptorSchema.field.foreignKey);
    }
    if (primaryIndex !== undefined) {
      primaryIndex.encodingType = 0;
      primaryIndex.version = 0;
    }
  }
  return toJson(DescriptorSchema, copy);
}

function checkRoundTrip(layer: string): number {
  const before = descriptorsIn(layer).filter(({ union }) => union.case !== undefined);
  const after = before.map((descriptor) => clone(DescriptorSchema, descriptor));
  upgradeDescriptors(after, layer);
  expect(after.map((descriptor) => comparable(storedForm(descriptor)))).toEqual(
    before.map(comparable),
  );
  return before.length;
}

test.each(['alltypes', 'bank', 'movr'])('%s is written as it was', (name) => {
  expect(checkRoundTrip(latest(join(fixturesDir, 'backups', name)))).toBeGreaterThan(5);
});

describeShared('real backups are written as they were', () => {
  test.each(['generated/cluster', 'generated/tpcc-1'])('%s', (name) => {
    expect(checkRoundTrip(latest(join(sharedDir, 'backups', name)))).toBeGreaterThan(5);
  });
});

test('system tables are written as CockroachDB does', () => {
  for (const { descriptor } of systemDescriptors({ roleSettings: true })) {
    expect(toJson(DescriptorSchema, storedForm(descriptor))).toEqual(
      toJson(DescriptorSchema, descriptor),
    );
  }
});

test('a column without a DEFAULT any more has none, not an empty one', () => {
  const column = create(ColumnDescriptorSchema, { name: 'a', id: 1, defaultExpr: '1:::INT8' });
  column.defaultExpr = '';
  column.computeExpr = '';
  column.onUpdateExpr = '';
  const descriptor = create(DescriptorSchema, {
    union: { case: 'table', value: { columns: [column] } },
  });
  const { union } = storedForm(descriptor);
  const written = union.case === 'table' ? union.value.columns[0] : undefined;
  if (written === undefined) throw new Error('no column');
  const { defaultExpr, computeExpr, onUpdateExpr } = ColumnDescriptorSchema.field;
  for (const field of [defaultExpr, computeExpr, onUpdateExpr]) {
    expect(isFieldSet(written, field)).toBe(false);
  }
  expect(isFieldSet(column, defaultExpr)).toBe(true);
});

test('the column of an index expression is a hidden one, and read back it is what it was', () => {
  const made = {
    name: 'crdb_internal_idx_expr_1',
    id: 2,
    hidden: true,
    virtual: true,
    inaccessible: true,
    computeExpr: 'lower(b)',
  };
  const named = { name: 'v', id: 3, hidden: true, virtual: true, computeExpr: 'lower(b)' };
  const columns = [{ name: 'b', id: 1 }, made, named].map((column) =>
    create(ColumnDescriptorSchema, { type: { family: 7, oid: 25 }, ...column }),
  );
  const families = [{ name: 'f', id: 0, columnNames: ['b'], columnIds: [1] }];
  const ids = { id: 53, parentId: 52, nextColumnId: 4, nextFamilyId: 1, nextIndexId: 2 };
  const value = { name: 't', ...ids, formatVersion: 3, columns, families };
  const primaryIndex = create(IndexDescriptorSchema, {
    ...{ name: 'p', id: 1, unique: true, keyColumnNames: ['b'], keyColumnIds: [1] },
    keyColumnDirections: [IndexDescriptor_Direction.ASC],
  });
  const table = { ...value, primaryIndex };
  const stored = storedForm(create(DescriptorSchema, { union: { case: 'table', value: table } }));
  const flags = ({ union }: typeof stored): readonly boolean[] =>
    union.case === 'table'
      ? union.value.columns.flatMap(({ hidden, inaccessible }) => [hidden, inaccessible])
      : [];
  expect(flags(stored)).toEqual([false, false, true, false, true, false]);
  upgradeDescriptors([stored], 'a backup');
  expect(flags(stored)).toEqual([false, false, true, true, true, false]);
});
