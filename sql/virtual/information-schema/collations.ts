import { STRING } from '../../../catalog/types/table';
import { systemTable } from '../system-table';

/** The locales that columns of the database use. */
export const collations = systemTable({
  schema: 'information_schema',
  name: 'collations',
  columns: {
    collation_catalog: STRING,
    collation_schema: STRING,
    collation_name: STRING,
    pad_attribute: STRING,
  },
  *rows({ database, objects }) {
    const locales = new Set<string>();
    for (const { info } of objects.relations)
      for (const { type } of info.columns) {
        const locale = (type.element ?? type).locale;
        if (locale !== undefined) locales.add(locale);
      }
    for (const locale of locales)
      yield {
        collation_catalog: database.name,
        collation_schema: 'pg_catalog',
        collation_name: locale,
        pad_attribute: 'NO PAD',
      };
  },
});
