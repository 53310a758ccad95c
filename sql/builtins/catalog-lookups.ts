import type { SqlType } from '../../catalog/types/sql-type';
import { BOOL, INT8, NAME, STRING, UUID } from '../../catalog/types/table';

/** Functions that answer from the catalog: each is the look-up of a row in a table made for the statement. */

/** Tables of results by key; made by sql/virtual/lookups.ts. */
export type LookupName =
  | 'rights'
  | 'roleRights'
  | 'databaseOids'
  | 'indexDefinitions'
  | 'constraintDefinitions'
  | 'viewDefinitions'
  | 'roleNames'
  | 'relationVisible'
  | 'relationNames'
  | 'relationsByName'
  | 'typesByName'
  | 'namespacesByName'
  | 'rolesByName'
  | 'functionsByName'
  | 'typeVisible'
  | 'userTypeNames'
  | 'functionVisible'
  | 'functionNames'
  | 'functionResults'
  | 'functionArguments'
  | 'namespaceNames'
  | 'objectDescriptions'
  | 'sharedDescriptions'
  | 'relationSizes'
  | 'databaseSizes'
  | 'databaseSizesById'
  | 'sequenceParameters'
  | 'sequenceValues'
  | 'databaseIds'
  | 'namespaceIds'
  | 'storeFacts'
  | 'indexPositions'
  | 'settingValues';

export interface LookupFunction {
  readonly name: string;
  readonly lookup: LookupName;
  /** Arguments that are the key, from the first on. */
  readonly keyArgs: readonly ('oid' | 'int' | 'string')[];
  /** Key columns after those, with a value of their own. */
  readonly keyTail?: readonly bigint[];
  /** How many arguments may follow that change nothing (pretty-printing, the catalog's name). */
  readonly ignoredArgs: number;
  readonly returns: SqlType;
}

const byOid = (
  name: string,
  lookup: LookupName,
  returns: SqlType,
  ignoredArgs = 0,
): LookupFunction => ({ name, lookup, keyArgs: ['oid'], ignoredArgs, returns });

export const lookupFunctions: readonly LookupFunction[] = [
  { ...byOid('pg_get_indexdef', 'indexDefinitions', STRING), keyTail: [0n] },
  {
    ...byOid('pg_get_indexdef', 'indexDefinitions', STRING),
    keyArgs: ['oid', 'int'],
    ignoredArgs: 1,
  },
  byOid('pg_get_constraintdef', 'constraintDefinitions', STRING, 1),
  byOid('pg_get_viewdef', 'viewDefinitions', STRING, 1),
  byOid('pg_get_userbyid', 'roleNames', NAME),
  byOid('pg_table_is_visible', 'relationVisible', BOOL),
  byOid('pg_type_is_visible', 'typeVisible', BOOL),
  byOid('pg_function_is_visible', 'functionVisible', BOOL),
  byOid('pg_get_function_result', 'functionResults', STRING),
  byOid('pg_get_function_arguments', 'functionArguments', STRING),
  byOid('pg_get_function_identity_arguments', 'functionArguments', STRING),
  { ...byOid('obj_description', 'objectDescriptions', STRING, 1), keyTail: [0n] },
  { ...byOid('col_description', 'objectDescriptions', STRING), keyArgs: ['oid', 'int'] },
  byOid('shobj_description', 'sharedDescriptions', STRING, 1),
  byOid('pg_table_size', 'relationSizes', INT8),
  byOid('pg_relation_size', 'relationSizes', INT8),
  byOid('pg_total_relation_size', 'relationSizes', INT8),
  { ...byOid('pg_database_size', 'databaseSizes', INT8), keyArgs: ['string'] },
  byOid('pg_database_size', 'databaseSizesById', INT8),
  byOid('pg_sequence_parameters', 'sequenceParameters', STRING),
  byOid('pg_sequence_last_value', 'sequenceValues', INT8),
  {
    ...byOid('information_schema._pg_index_position', 'indexPositions', INT8),
    keyArgs: ['oid', 'int'],
  },
  { ...byOid('crdb_internal.get_database_id', 'databaseIds', INT8), keyArgs: ['string'] },
  {
    ...byOid('crdb_internal.get_namespace_id', 'namespaceIds', INT8),
    keyArgs: ['int', 'int', 'string'],
  },
  { ...byOid('crdb_internal.cluster_id', 'storeFacts', UUID), keyArgs: [], keyTail: [0n] },
  { ...byOid('current_setting', 'settingValues', STRING, 1), keyArgs: ['string'] },
];
