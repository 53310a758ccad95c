import { INT8, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const sequences = systemTable({
  schema: 'information_schema',
  name: 'sequences',
  columns: {
    sequence_catalog: STRING,
    sequence_schema: STRING,
    sequence_name: STRING,
    data_type: STRING,
    numeric_precision: INT8,
    numeric_precision_radix: INT8,
    numeric_scale: INT8,
    start_value: STRING,
    minimum_value: STRING,
    maximum_value: STRING,
    increment: STRING,
    cycle_option: STRING,
  },
  *rows({ database, objects }) {
    for (const { info, namespace } of objects.relations)
      if (info.sequence !== undefined)
        yield {
          sequence_catalog: database.name,
          sequence_schema: namespace.name,
          sequence_name: info.name,
          data_type: 'bigint',
          numeric_precision: 64,
          numeric_precision_radix: 2,
          numeric_scale: 0,
          start_value: String(info.sequence.start),
          minimum_value: String(info.sequence.minValue),
          maximum_value: String(info.sequence.maxValue),
          increment: String(info.sequence.increment),
          cycle_option: 'NO',
        };
  },
});
