import type { TableInfo } from '../../catalog/table-info';
import { builtinFunctions as internalBuiltinFunctions } from './crdb-internal/builtin-functions';
import {
  clusterQueries as internalClusterQueries,
  clusterSessions as internalClusterSessions,
  clusterTransactions as internalClusterTransactions,
  nodeQueries as internalNodeQueries,
  nodeSessions as internalNodeSessions,
  nodeTransactions as internalNodeTransactions,
} from './crdb-internal/cluster-sessions';
import { clusterSettings as internalClusterSettings } from './crdb-internal/cluster-settings';
import { createStatements as internalCreateStatements } from './crdb-internal/create-statements';
import { databases as internalDatabases } from './crdb-internal/databases';
import { emptyInternalTables } from './crdb-internal/empty-tables';
import { indexColumns as internalIndexColumns } from './crdb-internal/index-columns';
import { jobs as internalJobs } from './crdb-internal/jobs';
import { moreInternalTables } from './crdb-internal/more-empty-tables';
import { nodeBuildInfo as internalNodeBuildInfo } from './crdb-internal/node-build-info';
import {
  gossipLiveness as internalGossipLiveness,
  gossipNodes as internalGossipNodes,
  kvNodeStatus as internalKvNodeStatus,
  regions as internalRegions,
} from './crdb-internal/nodes';
import {
  ranges as internalRanges,
  rangesNoLeases as internalRangesNoLeases,
} from './crdb-internal/ranges';
import { sessionVariables as internalSessionVariables } from './crdb-internal/session-variables';
import { tableColumns as internalTableColumns } from './crdb-internal/table-columns';
import { tableIndexes as internalTableIndexes } from './crdb-internal/table-indexes';
import { tables as internalTables } from './crdb-internal/tables';
import { catalogName as informationCatalogName } from './information-schema/catalog-name';
import { characterSets as informationCharacterSets } from './information-schema/character-sets';
import { checkConstraints as informationCheckConstraints } from './information-schema/check-constraints';
import { collations as informationCollations } from './information-schema/collations';
import { columnPrivileges as informationColumnPrivileges } from './information-schema/column-privileges';
import { columnUdtUsage as informationColumnUdtUsage } from './information-schema/column-udt-usage';
import { columns as informationColumns } from './information-schema/columns';
import { constraintColumnUsage as informationConstraintColumnUsage } from './information-schema/constraint-column-usage';
import { emptyInformationTables } from './information-schema/empty-tables';
import { keyColumnUsage as informationKeyColumnUsage } from './information-schema/key-column-usage';
import { moreInformationTables } from './information-schema/more-empty-tables';
import { referentialConstraints as informationReferentialConstraints } from './information-schema/referential-constraints';
import {
  administrableRoleAuthorizations as informationAdministrableRoleAuthorizations,
  applicableRoles as informationApplicableRoles,
  enabledRoles as informationEnabledRoles,
} from './information-schema/roles';
import { schemaPrivileges as informationSchemaPrivileges } from './information-schema/schema-privileges';
import { schemata as informationSchemata } from './information-schema/schemata';
import { sequences as informationSequences } from './information-schema/sequences';
import { sessionVariables as informationSessionVariables } from './information-schema/session-variables';
import { statistics as informationStatistics } from './information-schema/statistics';
import { tableConstraints as informationTableConstraints } from './information-schema/table-constraints';
import {
  roleTableGrants as informationRoleTableGrants,
  tablePrivileges as informationTablePrivileges,
} from './information-schema/table-privileges';
import { tables as informationTables } from './information-schema/tables';
import { typePrivileges as informationTypePrivileges } from './information-schema/type-privileges';
import { userPrivileges as informationUserPrivileges } from './information-schema/user-privileges';
import { views as informationViews } from './information-schema/views';
import { emptyPgTables } from './pg-catalog/empty-tables';
import { morePgTables } from './pg-catalog/more-empty-tables';
import { pgAm } from './pg-catalog/pg-am';
import { pgAttrdef } from './pg-catalog/pg-attrdef';
import { pgAttribute } from './pg-catalog/pg-attribute';
import { pgAuthMembers } from './pg-catalog/pg-auth-members';
import { pgAuthid } from './pg-catalog/pg-authid';
import { pgClass } from './pg-catalog/pg-class';
import { pgCollation } from './pg-catalog/pg-collation';
import { pgConstraint } from './pg-catalog/pg-constraint';
import { pgDatabase } from './pg-catalog/pg-database';
import { pgDbRoleSetting } from './pg-catalog/pg-db-role-setting';
import { pgDefaultAcl } from './pg-catalog/pg-default-acl';
import { pgDepend } from './pg-catalog/pg-depend';
import { pgDescription } from './pg-catalog/pg-description';
import { pgEnum } from './pg-catalog/pg-enum';
import { pgIndex } from './pg-catalog/pg-index';
import { pgIndexes } from './pg-catalog/pg-indexes';
import { pgLanguage } from './pg-catalog/pg-language';
import { pgMatviews } from './pg-catalog/pg-matviews';
import { pgNamespace } from './pg-catalog/pg-namespace';
import { pgProc } from './pg-catalog/pg-proc';
import { pgRoles } from './pg-catalog/pg-roles';
import { pgSequence } from './pg-catalog/pg-sequence';
import { pgSequences } from './pg-catalog/pg-sequences';
import { pgSettings } from './pg-catalog/pg-settings';
import { pgGroup, pgShadow } from './pg-catalog/pg-shadow';
import { pgShdescription } from './pg-catalog/pg-shdescription';
import { pgStatActivity } from './pg-catalog/pg-stat-activity';
import { pgTables } from './pg-catalog/pg-tables';
import { pgTablespace } from './pg-catalog/pg-tablespace';
import { pgType } from './pg-catalog/pg-type';
import { pgUser } from './pg-catalog/pg-user';
import { pgViews } from './pg-catalog/pg-views';
import { emptyStatisticsTables } from './pg-catalog/statistics-tables';
import {
  databaseRoleSettings,
  comments as systemComments,
  descriptor as systemDescriptor,
  jobs as systemJobs,
  locations as systemLocations,
  migrations as systemMigrations,
  namespace as systemNamespace,
  roleMembers as systemRoleMembers,
  roleOptions as systemRoleOptions,
  scheduledJobs as systemScheduledJobs,
  settings as systemSettings,
  tableStatistics as systemTableStatistics,
  ui as systemUi,
  users as systemUsers,
} from './system/catalog-tables';
import { emptySystemTables } from './system/empty-tables';
import { type SystemTable, schemaOf, type UnnumberedTable } from './system-table';

/** All system tables. */

const TABLES: readonly UnnumberedTable[] = [
  // crdb_internal
  internalBuiltinFunctions,
  internalClusterSessions,
  internalNodeSessions,
  internalClusterQueries,
  internalNodeQueries,
  internalClusterTransactions,
  internalNodeTransactions,
  internalClusterSettings,
  internalCreateStatements,
  internalDatabases,
  internalIndexColumns,
  internalJobs,
  internalNodeBuildInfo,
  internalGossipNodes,
  internalKvNodeStatus,
  internalGossipLiveness,
  internalRegions,
  internalRangesNoLeases,
  internalRanges,
  internalSessionVariables,
  internalTableColumns,
  internalTableIndexes,
  internalTables,
  ...emptyInternalTables,
  ...moreInternalTables,
  // information_schema
  informationCharacterSets,
  informationCheckConstraints,
  informationCollations,
  informationColumnPrivileges,
  informationColumnUdtUsage,
  informationColumns,
  informationConstraintColumnUsage,
  informationKeyColumnUsage,
  informationReferentialConstraints,
  informationApplicableRoles,
  informationAdministrableRoleAuthorizations,
  informationEnabledRoles,
  informationSchemaPrivileges,
  informationSchemata,
  informationSequences,
  informationSessionVariables,
  informationStatistics,
  informationTableConstraints,
  informationTablePrivileges,
  informationRoleTableGrants,
  informationTables,
  informationTypePrivileges,
  informationUserPrivileges,
  informationViews,
  ...emptyInformationTables,
  ...moreInformationTables,
  informationCatalogName,
  // pg_catalog
  pgAm,
  pgAttrdef,
  pgAttribute,
  pgAuthMembers,
  pgDbRoleSetting,
  pgDefaultAcl,
  pgAuthid,
  pgClass,
  pgCollation,
  pgConstraint,
  pgDatabase,
  pgDepend,
  pgDescription,
  pgEnum,
  pgIndex,
  pgIndexes,
  pgLanguage,
  pgMatviews,
  pgNamespace,
  pgProc,
  pgRoles,
  pgSequence,
  pgSequences,
  pgSettings,
  pgShdescription,
  pgStatActivity,
  pgTables,
  pgTablespace,
  pgType,
  pgUser,
  pgViews,
  ...emptyPgTables,
  ...emptyStatisticsTables,
  ...morePgTables,
  pgShadow,
  pgGroup,
  // system
  systemComments,
  systemDescriptor,
  systemJobs,
  systemLocations,
  systemMigrations,
  systemNamespace,
  systemRoleMembers,
  databaseRoleSettings,
  systemRoleOptions,
  systemSettings,
  systemTableStatistics,
  systemUsers,
  systemScheduledJobs,
  systemUi,
  ...emptySystemTables,
];

/** System tables are numbered down from here: descriptor ids never get that high. */
const FIRST_OID = 4_294_967_294;

export const SYSTEM_TABLES: readonly SystemTable[] = TABLES.map((table, i) => ({
  ...table,
  oid: FIRST_OID - i,
}));

const byName = new Map(SYSTEM_TABLES.map((table) => [`${table.schema}.${table.name}`, table]));
const byOid = new Map(SYSTEM_TABLES.map((table) => [table.oid, table]));

export function systemTableNamed(schema: string, name: string): SystemTable | undefined {
  return byName.get(`${schema}.${name}`);
}

/** Of the system database, not of the schemas that each database has. */
export const isTableOfSystem = (name: string): boolean =>
  systemTableNamed('system', name) !== undefined;

export function systemTableByOid(oid: number): SystemTable | undefined {
  return byOid.get(oid);
}

/** As the binder sees it. */
export function systemTableInfo(
  table: SystemTable,
  database: { readonly id: number; readonly name: string },
): TableInfo {
  return {
    id: table.oid,
    name: table.name,
    databaseId: database.id,
    databaseName: database.name,
    schemaId: 0,
    schemaName: schemaOf(table),
    kind: 'system',
    columns: table.columns.map(({ name, type }, i) => ({
      id: i + 1,
      name,
      type,
      nullable: true,
      hidden: false,
      defaultExpr: undefined,
      computeExpr: undefined,
      virtual: false,
      sqliteName: `o${i + 1}`,
    })),
    primaryIndex: undefined,
    secondaryIndexes: [],
    viewQuery: undefined,
    sqliteName: '',
    systemTable: `${table.schema}.${table.name}`,
  };
}
