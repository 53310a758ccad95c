import { STRING } from '../../../catalog/types/table';
import { type SystemContext, type SystemValue, systemTable } from '../system-table';
import { grantRows } from './privileges';
import { yesOrNo } from './yes-or-no';

const columns = {
  grantor: STRING,
  grantee: STRING,
  table_catalog: STRING,
  table_schema: STRING,
  table_name: STRING,
  privilege_type: STRING,
  is_grantable: STRING,
  with_hierarchy: STRING,
} as const;

function* rows({
  database,
  objects,
}: SystemContext): Iterable<{ readonly [N in keyof typeof columns]?: SystemValue }> {
  for (const { info, table, namespace } of objects.relations)
    for (const { grantee, privilege } of grantRows(table.privileges))
      yield {
        grantee,
        table_catalog: database.name,
        table_schema: namespace.name,
        table_name: info.name,
        privilege_type: privilege,
        with_hierarchy: yesOrNo(privilege === 'SELECT'),
      };
}

export const tablePrivileges = systemTable({
  schema: 'information_schema',
  name: 'table_privileges',
  columns,
  rows,
});

/** The same here: privileges by way of roles are not told apart. */
export const roleTableGrants = systemTable({
  schema: 'information_schema',
  name: 'role_table_grants',
  columns,
  rows,
});
