import { create } from '@bufbuild/protobuf';
import { TableDescriptorSchema } from '../../catalog/descriptor/gen/table_pb';
import { forgetColumn } from '../../catalog/table-builder';

test('family 0 stays when its last column goes: it says that a row is there', () => {
  const table = create(TableDescriptorSchema, {
    families: [
      { name: 'fam_0_a', id: 0, columnNames: ['a'], columnIds: [2], defaultColumnId: 2 },
      { name: 'fam_1_id', id: 1, columnNames: ['id'], columnIds: [1] },
      { name: 'fam_2_b', id: 2, columnNames: ['b'], columnIds: [3], defaultColumnId: 3 },
    ],
  });
  forgetColumn(table, 2);
  forgetColumn(table, 3);
  expect(table.families).toMatchObject([
    { id: 0, columnNames: [], columnIds: [], defaultColumnId: 0 },
    { id: 1, columnIds: [1] },
  ]);
});
