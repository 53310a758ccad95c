import { INT8, OID, STRING, UUID } from '../../catalog/types/table';
import { parseUuid } from '../../catalog/types/uuid';
import { readSequence } from '../../storage/ranges/sequence-rows';
import { readStoreInfo } from '../../storage/ranges/store-info';
import { lookup } from './lookup-table';
import { namespace } from './system/catalog-tables';
import type { SystemContext } from './system-table';

/** Look-ups of ids, and of what sequences and the store say of themselves. */

/** As a record prints: start, minimum, maximum, increment, cycle, cache, the type's OID. */
const sequenceParameters = lookup({
  name: 'lookup_sequence_parameters',
  columns: { oid: OID, text: STRING },
  *rows({ objects }) {
    for (const { oid, info } of objects.relations) {
      if (info.sequence === undefined) continue;
      const { start, minValue, maxValue, increment, cache } = info.sequence;
      const parts = [start, minValue, maxValue, increment, 'f', cache, INT8.oid];
      yield { oid, text: `(${parts.join(',')})` };
    }
  },
});

/** NULL for one that has given no value yet. */
const sequenceValues = lookup({
  name: 'lookup_sequence_values',
  volatile: true,
  columns: { oid: OID, value: INT8 },
  *rows({ objects, engine }) {
    for (const { oid, info } of objects.relations) {
      if (info.sequence === undefined) continue;
      const value = readSequence(engine.db, oid);
      const unused = value === info.sequence.start - info.sequence.increment;
      yield { oid, value: unused ? undefined : value };
    }
  },
});

const databaseIds = lookup({
  name: 'lookup_database_ids',
  columns: { name: STRING, id: INT8 },
  *rows({ catalog }) {
    for (const { name, id } of catalog.databases()) yield { name, id };
  },
});

/** Databases have neither parent; schemas have a database; all others have both. */
const namespaceIds = lookup({
  name: 'lookup_namespace_ids',
  columns: { parent: INT8, schema: INT8, name: STRING, id: INT8 },
  *rows(context: SystemContext) {
    for (const { parentID, parentSchemaID, name, id } of namespace.rows(context))
      yield { parent: parentID, schema: parentSchemaID, name, id };
  },
});

const storeFacts = lookup({
  name: 'lookup_store_facts',
  columns: { fact: INT8, value: UUID },
  *rows({ engine }) {
    yield { fact: 0, value: parseUuid(readStoreInfo(engine.db).clusterId) };
  },
});

/** Where a column stands in an index. */
const indexPositions = lookup({
  name: 'lookup_index_positions',
  columns: { oid: OID, column: INT8, position: INT8 },
  *rows({ objects }) {
    for (const { oid, index } of objects.indexes())
      for (const [i, column] of index.keyColumnIds.entries())
        yield { oid, column, position: i + 1 };
  },
});

export const ID_LOOKUPS = {
  sequenceParameters,
  sequenceValues,
  databaseIds,
  namespaceIds,
  storeFacts,
  indexPositions,
} as const;
