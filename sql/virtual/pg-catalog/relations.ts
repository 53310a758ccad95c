import type { RelationKind } from '../../../catalog/table-info';
import { type SystemContext, schemaOf } from '../system-table';

/** What pg_class and its kin list: tables, views, sequences, indexes and the system tables themselves. */

export interface ClassEntry {
  readonly oid: number;
  readonly name: string;
  readonly namespaceOid: number;
  readonly schema: string;
  readonly owner: string;
  /** `pg_class.relkind` */
  readonly kind: 'r' | 'v' | 'm' | 'S' | 'i';
  readonly columnCount: number;
  readonly checkCount: number;
  readonly hasIndex: boolean;
  /** PostgreSQL checks foreign keys with triggers, on both sides: its tools look for keys where there are triggers. */
  readonly hasForeignKeys: boolean;
  readonly temporary: boolean;
}

const KINDS: { readonly [K in RelationKind]: ClassEntry['kind'] } = {
  table: 'r',
  view: 'v',
  'materialized view': 'm',
  sequence: 'S',
  system: 'r',
};

export const relationKindLetter = (kind: RelationKind): ClassEntry['kind'] => KINDS[kind];

export function* classEntries(context: SystemContext): Iterable<ClassEntry> {
  for (const relation of context.objects.relations) {
    const { info, table, namespace, owner } = relation;
    const common = {
      namespaceOid: namespace.oid,
      schema: namespace.name,
      owner,
      checkCount: table.checks.length,
      temporary: table.temporary,
    };
    yield {
      ...common,
      oid: relation.oid,
      name: info.name,
      kind: relationKindLetter(info.kind),
      columnCount: info.columns.length,
      hasIndex: relation.indexes.length > 0,
      hasForeignKeys: table.outboundFks.length > 0 || table.inboundFks.length > 0,
    };
    for (const { oid, index } of relation.indexes) {
      const columnCount = index.keyColumnIds.length;
      const name = index.name;
      yield {
        ...common,
        oid,
        name,
        kind: 'i',
        columnCount,
        checkCount: 0,
        hasIndex: false,
        hasForeignKeys: false,
      };
    }
  }
  for (const table of context.systemTables)
    yield {
      oid: table.oid,
      name: table.name,
      namespaceOid: context.objects.namespaceNamed(schemaOf(table)).oid,
      schema: schemaOf(table),
      owner: 'node',
      kind: 'r',
      columnCount: table.columns.length,
      checkCount: 0,
      hasIndex: false,
      hasForeignKeys: false,
      temporary: false,
    };
}
