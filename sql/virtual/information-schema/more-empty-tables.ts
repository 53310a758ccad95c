import { lineTables } from '../line-tables';

/** Views of the standard that v21.2 has no rows for. */
export const moreInformationTables = lineTables('information_schema', {
  attributes:
    'udt_catalog text, udt_schema text, udt_name text, attribute_name text, ' +
    'ordinal_position int8, attribute_default text, is_nullable text, data_type text, ' +
    'character_maximum_length int8, character_octet_length int8, character_set_catalog text, ' +
    'character_set_schema text, character_set_name text, collation_catalog text, ' +
    'collation_schema text, collation_name text, numeric_precision int8, ' +
    'numeric_precision_radix int8, numeric_scale int8, datetime_precision int8, ' +
    'interval_type text, interval_precision int8, attribute_udt_catalog text, ' +
    'attribute_udt_schema text, attribute_udt_name text, scope_catalog text, ' +
    'scope_schema text, scope_name text, maximum_cardinality int8, dtd_identifier text, ' +
    'is_derived_reference_attribute text',
  check_constraint_routine_usage:
    'constraint_catalog text, constraint_schema text, constraint_name text, ' +
    'specific_catalog text, specific_schema text, specific_name text',
  collation_character_set_applicability:
    'collation_catalog text, collation_schema text, collation_name text, ' +
    'character_set_catalog text, character_set_schema text, character_set_name text',
  column_domain_usage:
    'domain_catalog text, domain_schema text, domain_name text, table_catalog text, ' +
    'table_schema text, table_name text, column_name text',
  column_options:
    'table_catalog text, table_schema text, table_name text, column_name text, ' +
    'option_name text, option_value text',
  constraint_table_usage:
    'table_catalog text, table_schema text, table_name text, constraint_catalog text, ' +
    'constraint_schema text, constraint_name text',
  data_type_privileges:
    'object_catalog text, object_schema text, object_name text, object_type text, ' +
    'dtd_identifier text',
  domain_constraints:
    'constraint_catalog text, constraint_schema text, constraint_name text, ' +
    'domain_catalog text, domain_schema text, domain_name text, is_deferrable text, ' +
    'initially_deferred text',
  domain_udt_usage:
    'udt_catalog text, udt_schema text, udt_name text, domain_catalog text, ' +
    'domain_schema text, domain_name text',
  foreign_data_wrapper_options:
    'foreign_data_wrapper_catalog text, foreign_data_wrapper_name text, option_name text, ' +
    'option_value text',
  foreign_data_wrappers:
    'foreign_data_wrapper_catalog text, foreign_data_wrapper_name text, ' +
    'authorization_identifier text, library_name text, foreign_data_wrapper_language text',
  foreign_server_options:
    'foreign_server_catalog text, foreign_server_name text, option_name text, ' +
    'option_value text',
  foreign_servers:
    'foreign_server_catalog text, foreign_server_name text, ' +
    'foreign_data_wrapper_catalog text, foreign_data_wrapper_name text, ' +
    'foreign_server_type text, foreign_server_version text, authorization_identifier text',
  foreign_table_options:
    'foreign_table_catalog text, foreign_table_schema text, foreign_table_name text, ' +
    'option_name text, option_value text',
  foreign_tables:
    'foreign_table_catalog text, foreign_table_schema text, foreign_table_name text, ' +
    'foreign_server_catalog text, foreign_server_name text',
  role_column_grants:
    'grantor text, grantee text, table_catalog text, table_schema text, table_name text, ' +
    'column_name text, privilege_type text, is_grantable text',
  role_routine_grants:
    'grantor text, grantee text, specific_catalog text, specific_schema text, ' +
    'specific_name text, routine_catalog text, routine_schema text, routine_name text, ' +
    'privilege_type text, is_grantable text',
  role_udt_grants:
    'grantor text, grantee text, udt_catalog text, udt_schema text, udt_name text, ' +
    'privilege_type text, is_grantable text',
  role_usage_grants:
    'grantor text, grantee text, object_catalog text, object_schema text, object_name text, ' +
    'object_type text, privilege_type text, is_grantable text',
  routine_privileges:
    'grantor text, grantee text, specific_catalog text, specific_schema text, ' +
    'specific_name text, routine_catalog text, routine_schema text, routine_name text, ' +
    'privilege_type text, is_grantable text',
  sql_features:
    'feature_id text, feature_name text, sub_feature_id text, sub_feature_name text, ' +
    'is_supported text, is_verified_by text, comments text',
  sql_implementation_info:
    'implementation_info_id text, implementation_info_name text, integer_value int8, ' +
    'character_value text, comments text',
  sql_parts:
    'feature_id text, feature_name text, is_supported text, is_verified_by text, ' +
    'comments text',
  sql_sizing: 'sizing_id int8, sizing_name text, supported_value int8, comments text',
  transforms:
    'udt_catalog text, udt_schema text, udt_name text, specific_catalog text, ' +
    'specific_schema text, specific_name text, group_name text, transform_type text',
  triggered_update_columns:
    'trigger_catalog text, trigger_schema text, trigger_name text, ' +
    'event_object_catalog text, event_object_schema text, event_object_table text, ' +
    'event_object_column text',
  udt_privileges:
    'grantor text, grantee text, udt_catalog text, udt_schema text, udt_name text, ' +
    'privilege_type text, is_grantable text',
  usage_privileges:
    'grantor text, grantee text, object_catalog text, object_schema text, object_name text, ' +
    'object_type text, privilege_type text, is_grantable text',
  user_defined_types:
    'user_defined_type_catalog text, user_defined_type_schema text, ' +
    'user_defined_type_name text, user_defined_type_category text, is_instantiable text, ' +
    'is_final text, ordering_form text, ordering_category text, ' +
    'ordering_routine_catalog text, ordering_routine_schema text, ' +
    'ordering_routine_name text, reference_type text, data_type text, ' +
    'character_maximum_length int8, character_octet_length int8, character_set_catalog text, ' +
    'character_set_schema text, character_set_name text, collation_catalog text, ' +
    'collation_schema text, collation_name text, numeric_precision int8, ' +
    'numeric_precision_radix int8, numeric_scale int8, datetime_precision int8, ' +
    'interval_type text, interval_precision int8, source_dtd_identifier text, ' +
    'ref_dtd_identifier text',
  user_mapping_options:
    'authorization_identifier text, foreign_server_catalog text, foreign_server_name text, ' +
    'option_name text, option_value text',
  user_mappings:
    'authorization_identifier text, foreign_server_catalog text, foreign_server_name text',
  view_routine_usage:
    'table_catalog text, table_schema text, table_name text, specific_catalog text, ' +
    'specific_schema text, specific_name text',
});
