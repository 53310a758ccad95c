import { BOOL, INT8, NAME, REGTYPE } from '../../../catalog/types/table';
import { readSequence } from '../../../storage/ranges/sequence-rows';
import { systemTable } from '../system-table';

export const pgSequences = systemTable({
  schema: 'pg_catalog',
  name: 'pg_sequences',
  volatile: true,
  columns: {
    schemaname: NAME,
    sequencename: NAME,
    sequenceowner: NAME,
    data_type: REGTYPE,
    start_value: INT8,
    min_value: INT8,
    max_value: INT8,
    increment_by: INT8,
    cycle: BOOL,
    cache_size: INT8,
    last_value: INT8,
  },
  *rows({ objects, engine }) {
    for (const { oid, info, namespace, owner } of objects.relations) {
      const { sequence } = info;
      if (sequence === undefined) continue;
      const value = readSequence(engine.db, oid);
      const unused = value === undefined || value === sequence.start - sequence.increment;
      yield {
        schemaname: namespace.name,
        sequencename: info.name,
        sequenceowner: owner,
        data_type: INT8.oid,
        start_value: sequence.start,
        min_value: sequence.minValue,
        max_value: sequence.maxValue,
        increment_by: sequence.increment,
        cycle: false,
        cache_size: sequence.cache,
        last_value: unused ? undefined : value,
      };
    }
  },
});
