import { IndexDescriptor_Direction } from '../../../catalog/descriptor/gen/index_pb';
import { BOOL, INT2, INT2VECTOR, OID, OIDVECTOR, STRING } from '../../../catalog/types/table';
import { plainExpression } from '../definitions';
import { systemTable } from '../system-table';
import { collationOid } from './pg-collation';

/** `indoption`'s bits. Source: PostgreSQL, catalog/pg_index.h. */
const DESCENDING = 1;
const NULLS_FIRST = 2;

export const pgIndex = systemTable({
  schema: 'pg_catalog',
  name: 'pg_index',
  columns: {
    indexrelid: OID,
    indrelid: OID,
    indnatts: INT2,
    indisunique: BOOL,
    indisprimary: BOOL,
    indisexclusion: BOOL,
    indimmediate: BOOL,
    indisclustered: BOOL,
    indisvalid: BOOL,
    indcheckxmin: BOOL,
    indisready: BOOL,
    indislive: BOOL,
    indisreplident: BOOL,
    indkey: INT2VECTOR,
    indcollation: OIDVECTOR,
    indclass: OIDVECTOR,
    indoption: INT2VECTOR,
    indexprs: STRING,
    indpred: STRING,
    indnkeyatts: INT2,
  },
  *rows({ objects, catalog }) {
    for (const { oid, relation, index, primary } of objects.indexes()) {
      const stored = primary ? [] : index.storeColumnIds;
      const types = new Map(relation.info.columns.map((column) => [column.id, column.type]));
      yield {
        indexrelid: oid,
        indrelid: relation.oid,
        indnatts: index.keyColumnIds.length + stored.length,
        indisunique: index.unique,
        indisprimary: primary,
        indisexclusion: false,
        indimmediate: index.unique,
        indisclustered: false,
        indisvalid: true,
        indcheckxmin: false,
        indisready: true,
        indislive: true,
        indisreplident: false,
        indkey: [...index.keyColumnIds, ...stored],
        indcollation: index.keyColumnIds.map((id) => {
          const type = types.get(id);
          return type === undefined ? 0 : collationOid(type);
        }),
        indclass: index.keyColumnIds.map(() => 0),
        // NULLs are the smallest values here: first when ascending, last when descending.
        indoption: index.keyColumnDirections.map((direction) =>
          direction === IndexDescriptor_Direction.DESC ? DESCENDING : NULLS_FIRST,
        ),
        indpred: index.predicate === '' ? undefined : plainExpression(index.predicate, catalog),
        indnkeyatts: index.keyColumnIds.length,
      };
    }
  },
});
