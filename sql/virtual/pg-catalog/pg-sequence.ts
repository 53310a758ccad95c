import { BOOL, INT8, OID } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const pgSequence = systemTable({
  schema: 'pg_catalog',
  name: 'pg_sequence',
  columns: {
    seqrelid: OID,
    seqtypid: OID,
    seqstart: INT8,
    seqincrement: INT8,
    seqmax: INT8,
    seqmin: INT8,
    seqcache: INT8,
    seqcycle: BOOL,
  },
  *rows({ objects }) {
    for (const { oid, info } of objects.relations)
      if (info.sequence !== undefined)
        yield {
          seqrelid: oid,
          seqtypid: INT8.oid,
          seqstart: info.sequence.start,
          seqincrement: info.sequence.increment,
          seqmax: info.sequence.maxValue,
          seqmin: info.sequence.minValue,
          seqcache: info.sequence.cache,
          seqcycle: false,
        };
  },
});
