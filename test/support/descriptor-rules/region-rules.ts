import {
  type DatabaseDescriptor,
  type TypeDescriptor,
  TypeDescriptor_Kind,
} from '../../../catalog/descriptor/gen/descriptor_pb';
import type { IndexDescriptor } from '../../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';
import { userTypes } from './object-rules';
import { sameIds } from './problems';
import type { Descriptors } from './reference-rules';

/** What CockroachDB checks of tables against the regions of their database, and of the enum of regions. */

export function regionProblems(database: DatabaseDescriptor, among: Descriptors): void {
  const { problems, all } = among;
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `database ${database.name}: ${line}`);
  const regions = database.regionConfig;
  const enums = [...all.values()].flatMap((union) =>
    union.case === 'type' &&
    union.value.kind === TypeDescriptor_Kind.MULTIREGION_ENUM &&
    union.value.parentId === database.id
      ? [union.value]
      : [],
  );
  const [type] = enums;
  const tables = among.tables.filter(({ parentId }) => parentId === database.id);
  if (regions === undefined) {
    check(enums.length === 0, 'an enum of regions without regions');
    const located = tables.filter(({ localityConfig }) => localityConfig !== undefined);
    check(located.length === 0, `localities of ${located.map(({ name }) => name)}`);
    return;
  }
  if (type === undefined && !among.isWhole({ parentId: database.id })) return;
  check(enums.length === 1 && type?.id === regions.regionEnumId, 'its enum of regions');
  if (type === undefined) return;
  const labels = type.enumMembers.map(({ logicalRepresentation }) => logicalRepresentation);
  check([...labels].sort().join() === labels.join(), `regions ${labels} out of order`);
  check(
    labels.includes(regions.primaryRegion) &&
      type.regionConfig?.primaryRegion === regions.primaryRegion,
    `primary region ${regions.primaryRegion}`,
  );
  check(regions.survivalGoal === 0 || labels.length >= 3, 'too few regions to survive');
  for (const table of tables) localityProblems(table, type, among);
}

function localityProblems(
  table: TableDescriptor,
  type: TypeDescriptor,
  { problems }: Descriptors,
): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `table ${table.name}: ${line}`);
  const locality = table.localityConfig?.locality;
  const isPlainView = table.viewQuery !== '' && !table.isMaterializedView;
  if (table.sequenceOpts !== undefined || isPlainView)
    check(locality?.case === 'regionalByTable', 'is not REGIONAL BY TABLE');
  if (table.isMaterializedView) check(locality?.case === 'global', 'is not GLOBAL');
  const named = table.columns.some(
    ({ type: of }) => of !== undefined && userTypes(of).includes(type.id),
  );
  const isHome = locality?.case === 'regionalByTable' && locality.value.region !== '';
  const labels = type.enumMembers.map(({ logicalRepresentation }) => logicalRepresentation);
  if (isHome) check(labels.includes(locality.value.region), `its region ${locality.value.region}`);
  check(
    type.referencingDescriptorIds.includes(table.id) === (named || isHome),
    'whether it uses the enum of regions',
  );
  check(table.partitionAllBy === (locality?.case === 'regionalByRow'), 'PARTITION ALL BY');
  if (locality?.case !== 'regionalByRow' || table.primaryIndex === undefined) return;
  const region = locality.value.as === '' ? 'crdb_region' : locality.value.as;
  for (const index of [table.primaryIndex, ...table.indexes]) {
    const problem = partitionProblem(index, region, type);
    check(problem === undefined, `${index.name}: ${problem}`);
  }
}

const BYTES_TAG = 6;

/** Each region has one partition, of the value of its member: bytes as a value without a column. */
function partitionProblem(
  { keyColumnNames, partitioning }: IndexDescriptor,
  region: string,
  { enumMembers }: TypeDescriptor,
): string | undefined {
  const { numColumns = 0, list = [] } = partitioning ?? {};
  if (numColumns !== 1 || keyColumnNames[0] !== region) return `not partitioned by ${region}`;
  if (
    !sameIds(
      list.map((_, i) => i),
      enumMembers.map((_, i) => i),
    )
  )
    return 'partitions';
  for (const { logicalRepresentation: label, physicalRepresentation: bytes } of enumMembers) {
    const found = list.find(({ name }) => name === label);
    const value = Buffer.concat([Buffer.from([BYTES_TAG, bytes.length]), bytes]);
    const [first, ...more] = found?.values ?? [];
    if (first === undefined || more.length > 0 || !value.equals(first)) return `partition ${label}`;
  }
  return undefined;
}
