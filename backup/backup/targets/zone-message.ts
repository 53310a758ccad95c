import { create, toBinary } from '@bufbuild/protobuf';
import { ByteWriter } from '../../../base/byte-writer';
import {
  type ConstraintsConjunction,
  ConstraintsConjunctionSchema,
  GcPolicySchema,
  LeasePreferenceSchema,
  type ZoneConfig as StoredConfig,
  SubzoneSchema,
  SubzoneSpanSchema,
  ZoneConfigSchema,
  type ZoneConstraint,
  ZoneConstraint_Type,
  ZoneConstraintSchema,
} from '../../../catalog/descriptor/gen/zone_pb';
import { regionalZones } from '../../../catalog/region-zones';
import { regionsOfDatabase } from '../../../catalog/regions';
import type { CatalogSnapshot } from '../../../catalog/snapshot';
import { BYTES } from '../../../catalog/types/table';
import { configuredZones, type Zone, type ZoneConfig } from '../../../catalog/zones';
import type { ZoneRow } from '../../../storage/ranges/zone-rows';
import { compileKeyEncoder } from '../../format/datum/key-encoder';
import { encodeTablePrefix } from '../../format/datum/table-key';

/** Zone configurations as rows of system.zones; the inverse of `restore/zone-config.ts`. */

const DEFAULT_ZONE = 0;

/** Of replication reports, which v21.2 configures by itself and has no name for. */
const REPORT_ZONES: readonly Zone[] = [25, 27].map((id) => ({
  id,
  subId: 0,
  config: { 'gc.ttlseconds': '600' },
}));

export interface SystemZone {
  readonly id: number;
  readonly config: Uint8Array;
}

/** @param catalog of the moment: zones of multi-region databases follow from it */
export function systemZones(rows: readonly ZoneRow[], catalog: CatalogSnapshot): SystemZone[] {
  const set = new Set(rows.map(({ id }) => id));
  const zones = [
    ...configuredZones(rows, regionalZones(catalog)),
    ...REPORT_ZONES.filter(({ id }) => !set.has(id)),
  ];
  const ids = [...new Set(zones.map(({ id }) => id))].sort((a, b) => a - b);
  return ids.map((id) => {
    const own = zones.filter((zone) => zone.id === id);
    return { id, config: toBinary(ZoneConfigSchema, zoneMessage(own, regionMembers(id, catalog))) };
  });
}

/** Physical values of the regions of the table's database, by name. */
function regionMembers(tableId: number, catalog: CatalogSnapshot): ReadonlyMap<string, Uint8Array> {
  const regions = regionsOfDatabase(catalog.entry(tableId)?.databaseId ?? 0, catalog);
  const type = regions === undefined ? undefined : catalog.typeDescriptor(regions.enumId);
  return new Map(
    type?.enumMembers.map((member) => [
      member.logicalRepresentation,
      member.physicalRepresentation,
    ]),
  );
}

/** @param zones of one object, of its indexes and of their partitions @param regions values that partitions are of */
function zoneMessage(
  zones: readonly Zone[],
  regions: ReadonlyMap<string, Uint8Array>,
): StoredConfig {
  const own = zones.find(({ subId }) => subId === 0);
  // The default zone is whole, as nothing is above it: else CockroachDB looks on for what it inherits.
  const inherited = own?.id === DEFAULT_ZONE ? '[]' : undefined;
  const message = own === undefined ? placeholder() : configMessage(own.config, inherited);
  for (const { subId, partition = '', config } of zones.filter((zone) => zone.subId !== 0)) {
    const subzone = { indexId: subId, partitionName: partition, config: configMessage(config) };
    message.subzones.push(create(SubzoneSchema, subzone));
    // Partitions cover the whole index: nothing is left for its own zone.
    const isCovered = zones.some((zone) => zone.subId === subId && zone.partition !== undefined);
    if (partition === '' && isCovered) continue;
    // An index's keys go on with its id after the table's; without an end, the span ends before the next id.
    const key = partitionKey(subId, regions.get(partition));
    const span = { key, subzoneIndex: message.subzones.length - 1 };
    message.subzoneSpans.push(create(SubzoneSpanSchema, span));
  }
  return message;
}

/** The start of an index, or of the rows of a region in it. */
function partitionKey(indexId: number, region: Uint8Array | undefined): Uint8Array {
  const writer = new ByteWriter(16);
  writer.raw(encodeTablePrefix(indexId));
  if (region !== undefined) compileKeyEncoder(BYTES, false)(writer, region);
  return Uint8Array.from(writer.toBytes());
}

/** Of an object that configures nothing but its indexes. */
const placeholder = (): StoredConfig => create(ZoneConfigSchema, { numReplicas: 0 });

/** @param inherited voter constraints of a zone that sets none */
function configMessage(config: ZoneConfig, inherited?: string): StoredConfig {
  const number = (text: string | undefined, set: (value: string) => void): void => {
    if (text !== undefined) set(text);
  };
  const message = create(ZoneConfigSchema, {
    inheritedConstraints: config.constraints === undefined,
    inheritedLeasePreferences: config.lease_preferences === undefined,
    constraints: conjunctions(config.constraints),
    voterConstraints: conjunctions(config.voter_constraints),
    leasePreferences: preferences(config.lease_preferences),
    nullVoterConstraintsIsEmpty: (config.voter_constraints ?? inherited) === '[]',
  });
  number(config.range_min_bytes, (text) => (message.rangeMinBytes = BigInt(text)));
  number(config.range_max_bytes, (text) => (message.rangeMaxBytes = BigInt(text)));
  number(config.num_replicas, (text) => (message.numReplicas = Number(text)));
  number(config.num_voters, (text) => (message.numVoters = Number(text)));
  if (config.global_reads === 'true') message.globalReads = true;
  const ttl = config['gc.ttlseconds'];
  if (ttl !== undefined) message.gc = create(GcPolicySchema, { ttlSeconds: Number(ttl) });
  return message;
}

const parts = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `[+a=b, -c]` for all replicas, `{+a=b,-c: 1, +d: 2}` for some each. */
function conjunctions(text: string | undefined): ConstraintsConjunction[] {
  if (text === undefined || text === '[]') return [];
  const inside = text.slice(1, -1);
  if (text.startsWith('[')) {
    return [create(ConstraintsConjunctionSchema, { constraints: parts(inside).map(constraint) })];
  }
  return [...inside.matchAll(/([^:]+):\s*(\d+)\s*,?\s*/g)].map(([, list = '', count = '0']) =>
    create(ConstraintsConjunctionSchema, {
      constraints: parts(list).map(constraint),
      numReplicas: Number(count),
    }),
  );
}

/** `[[+a=b], [+c]]` */
function preferences(text: string | undefined) {
  return [...(text ?? '').matchAll(/\[([^[\]]+)\]/g)].map(([, list = '']) =>
    create(LeasePreferenceSchema, { constraints: parts(list).map(constraint) }),
  );
}

function constraint(text: string): ZoneConstraint {
  const sign = text[0];
  const type =
    sign === '+'
      ? ZoneConstraint_Type.REQUIRED
      : sign === '-'
        ? ZoneConstraint_Type.PROHIBITED
        : ZoneConstraint_Type.DEPRECATED_POSITIVE;
  const plain = type === ZoneConstraint_Type.DEPRECATED_POSITIVE ? text : text.slice(1);
  const [first = '', ...rest] = plain.split('=');
  const [key, value] = rest.length === 0 ? ['', first] : [first, rest.join('=')];
  return create(ZoneConstraintSchema, { type, key, value });
}
