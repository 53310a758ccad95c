import { arrayOf, BOOL, INT4, STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

export const pgSettings = systemTable({
  schema: 'pg_catalog',
  name: 'pg_settings',
  volatile: true,
  columns: {
    name: STRING,
    setting: STRING,
    unit: STRING,
    category: STRING,
    short_desc: STRING,
    extra_desc: STRING,
    context: STRING,
    vartype: STRING,
    source: STRING,
    min_val: STRING,
    max_val: STRING,
    enumvals: arrayOf(STRING),
    boot_val: STRING,
    reset_val: STRING,
    sourcefile: STRING,
    sourceline: INT4,
    pending_restart: BOOL,
  },
  *rows({ settings }) {
    for (const [name, value] of settings.all())
      yield {
        name,
        setting: value,
        context: 'user',
        vartype: 'string',
        boot_val: value,
        reset_val: value,
      };
  },
});
