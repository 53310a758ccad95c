import type { SqlType } from '../../../catalog/types/sql-type';
import { INT8, STRING } from '../../../catalog/types/table';
import { emptyTable, type UnnumberedTable } from '../system-table';

/** What v21.2 has not, or lists nothing of. Columns as the SQL standard names them; numbers are marked with `#`. */
const TABLES: Readonly<Record<string, string>> = {
  domains: 'domain_catalog domain_schema domain_name data_type domain_default',
  element_types:
    'object_catalog object_schema object_name object_type collection_type_identifier data_type',
  parameters:
    'specific_catalog specific_schema specific_name ordinal_position# parameter_mode is_result ' +
    'as_locator parameter_name data_type',
  routines:
    'specific_catalog specific_schema specific_name routine_catalog routine_schema routine_name ' +
    'routine_type data_type routine_body routine_definition external_name external_language ' +
    'is_deterministic security_type',
  triggers:
    'trigger_catalog trigger_schema trigger_name event_manipulation event_object_catalog ' +
    'event_object_schema event_object_table action_order# action_condition action_statement ' +
    'action_orientation action_timing',
  view_column_usage:
    'view_catalog view_schema view_name table_catalog table_schema table_name column_name',
  view_table_usage: 'view_catalog view_schema view_name table_catalog table_schema table_name',
};

function columnsOf(names: string): Record<string, SqlType> {
  return Object.fromEntries(
    names
      .split(' ')
      .map((name) => (name.endsWith('#') ? [name.slice(0, -1), INT8] : [name, STRING])),
  );
}

export const emptyInformationTables: readonly UnnumberedTable[] = Object.entries(TABLES).map(
  ([name, columns]) => emptyTable('information_schema', name, columnsOf(columns)),
);
