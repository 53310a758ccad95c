import type { SqlType } from '../../../catalog/types/sql-type';
import { BOOL, INT4, NAME, OID, QCHAR, STRING } from '../../../catalog/types/table';
import { hashOid, namespaceOid } from '../oids';
import { systemTable } from '../system-table';

/** The number of the encoding. Source: PostgreSQL, mb/pg_wchar.h. */
const UTF8 = 6;

const DEFAULT_COLLATION = 'default';

const oidOf = (locale: string): number => hashOid('collation', locale);

/** `pg_attribute.attcollation`: 0 for types that have none. */
export function collationOid(type: SqlType): number {
  if (type.element !== undefined) return collationOid(type.element);
  if (type.family === 'collatedstring') return oidOf(type.locale ?? '');
  return type.family === 'string' ? oidOf(DEFAULT_COLLATION) : 0;
}

/** `default`, and the locales that columns of the database use. */
export const pgCollation = systemTable({
  schema: 'pg_catalog',
  name: 'pg_collation',
  columns: {
    oid: OID,
    collname: NAME,
    collnamespace: OID,
    collowner: OID,
    collprovider: QCHAR,
    collisdeterministic: BOOL,
    collencoding: INT4,
    collcollate: STRING,
    collctype: STRING,
  },
  *rows({ objects }) {
    const locales = new Set([DEFAULT_COLLATION]);
    for (const { info } of objects.relations)
      for (const { type } of info.columns) {
        const locale = (type.element ?? type).locale;
        if (locale !== undefined) locales.add(locale);
      }
    for (const locale of locales)
      yield {
        oid: oidOf(locale),
        collname: locale,
        collnamespace: namespaceOid(0, 'pg_catalog'),
        collprovider: locale === DEFAULT_COLLATION ? 'd' : 'i',
        collisdeterministic: true,
        collencoding: UTF8,
      };
  },
});
