import { defined } from '../../base/invariant';
import { PUBLIC_SCHEMA_ID, VIRTUAL_SCHEMAS } from '../../catalog/constants';
import type { DatabaseDescriptor } from '../../catalog/descriptor/gen/descriptor_pb';
import {
  ConstraintValidity,
  type ForeignKeyAction,
  type ForeignKeyMatch,
  type IndexDescriptor,
} from '../../catalog/descriptor/gen/index_pb';
import type { TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { ownerOf } from '../../catalog/privileges';
import { explicitIndex } from '../../catalog/regional-rows';
import type { CatalogSnapshot } from '../../catalog/snapshot';
import type { IndexInfo, TableInfo } from '../../catalog/table-info';
import { foreignKeyDefinition, isPrimary, keyDefinition, plainExpression } from './definitions';
import { hashOid, indexOid, namespaceOid } from './oids';

/** What a database is made of, with the OIDs that the system tables agree on. Made once a catalog version. */

export interface NamespaceObject {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  /** Descriptor id; 0 for the virtual ones. */
  readonly id: number;
}

export interface IndexObject {
  readonly oid: number;
  readonly relation: RelationObject;
  readonly index: IndexDescriptor;
  readonly info: IndexInfo;
  readonly primary: boolean;
  /** A primary key on a hidden `rowid` that no user asked for. */
  readonly implicit: boolean;
}

export interface ForeignKeyObject {
  readonly table: TableDescriptor;
  readonly columnIds: readonly number[];
  readonly onDelete: ForeignKeyAction;
  readonly onUpdate: ForeignKeyAction;
  readonly match: ForeignKeyMatch;
  /** The unique index or key it refers to. */
  readonly index: IndexObject | undefined;
}

export interface ConstraintObject {
  readonly oid: number;
  readonly name: string;
  readonly kind: 'p' | 'u' | 'c' | 'f';
  readonly relation: RelationObject;
  readonly columnIds: readonly number[];
  readonly definition: string;
  /** Of checks. */
  readonly expression: string | undefined;
  readonly validated: boolean;
  /** Of keys. */
  readonly index: IndexObject | undefined;
  readonly references: ForeignKeyObject | undefined;
}

export interface RelationObject {
  readonly oid: number;
  readonly info: TableInfo;
  readonly table: TableDescriptor;
  readonly namespace: NamespaceObject;
  readonly owner: string;
  readonly indexes: readonly IndexObject[];
}

export class CatalogObjects {
  readonly namespaces: readonly NamespaceObject[];
  /** By schema and name. */
  readonly relations: readonly RelationObject[];
  private readonly catalog: CatalogSnapshot;
  private readonly byOid = new Map<number, RelationObject>();
  private madeConstraints: readonly ConstraintObject[] | undefined;

  /** @param isVisible by descriptor id: relations that the user holds no privilege on are not shown */
  constructor(
    catalog: CatalogSnapshot,
    database: DatabaseDescriptor,
    isVisible: (id: number) => boolean = () => true,
  ) {
    this.catalog = catalog;
    this.namespaces = namespacesOf(catalog, database);
    this.relations = catalog
      .tables(database.id)
      .filter(({ id }) => isVisible(id))
      .map((info) => this.relation(info));
    for (const relation of this.relations) this.byOid.set(relation.oid, relation);
  }

  namespaceNamed(name: string): NamespaceObject {
    return defined(
      this.namespaces.find((namespace) => namespace.name === name),
      `schema ${name}`,
    );
  }

  relationByOid(oid: number): RelationObject | undefined {
    return this.byOid.get(oid);
  }

  /** Indexes that users see: of tables and materialized views. */
  indexes(): IndexObject[] {
    return this.relations.flatMap((relation) => relation.indexes);
  }

  constraints(): readonly ConstraintObject[] {
    this.madeConstraints ??= this.relations.flatMap((relation) => this.constraintsOf(relation));
    return this.madeConstraints;
  }

  private relation(info: TableInfo): RelationObject {
    const table = defined(this.catalog.tableDescriptor(info.id), `table ${info.id}`);
    const indexes: IndexObject[] = [];
    const relation: RelationObject = {
      oid: info.id,
      info,
      table,
      namespace: this.namespaceNamed(info.schemaName),
      owner: ownerOf(table.privileges),
      indexes,
    };
    if (info.kind === 'table' || info.kind === 'materialized view')
      for (const made of indexObjects(relation)) indexes.push(made);
    return relation;
  }

  private constraintsOf(relation: RelationObject): ConstraintObject[] {
    const base = { relation, validated: true, expression: undefined, references: undefined };
    const oid = (kind: string, name: string): number =>
      hashOid('constraint', relation.oid, kind, name);
    const { table } = relation;
    const keys = relation.indexes
      .filter((index) => index.info.unique && !index.implicit)
      .map((index): ConstraintObject => {
        const kind = index.primary ? 'p' : 'u';
        return {
          ...base,
          kind,
          oid: oid(kind, index.index.name),
          name: index.index.name,
          columnIds: index.index.keyColumnIds,
          definition: keyDefinition(table, index.index, this.catalog),
          index,
        };
      });
    return [...keys, ...this.checksOf(relation), ...this.foreignKeysOf(relation)];
  }

  private checksOf(relation: RelationObject): ConstraintObject[] {
    const { table } = relation;
    const checks = table.checks.map((check): ConstraintObject => {
      const expression = plainExpression(check.expr, this.catalog);
      const validated = check.validity === ConstraintValidity.Validated;
      return {
        kind: 'c',
        oid: hashOid('constraint', relation.oid, 'c', check.name),
        name: check.name,
        relation,
        columnIds: check.columnIds,
        definition: `CHECK ((${expression}))${validated ? '' : ' NOT VALID'}`,
        expression: `(${expression})`,
        validated,
        index: undefined,
        references: undefined,
      };
    });
    const unique = table.uniqueWithoutIndexConstraints.map((key): ConstraintObject => {
      const names = key.columnIds.map((id) => columnName(table, id)).join(', ');
      return {
        kind: 'u',
        oid: hashOid('constraint', relation.oid, 'u', key.name),
        name: key.name,
        relation,
        columnIds: key.columnIds,
        definition: `UNIQUE WITHOUT INDEX (${names})`,
        expression: undefined,
        validated: key.validity === ConstraintValidity.Validated,
        index: undefined,
        references: undefined,
      };
    });
    return [...checks, ...unique];
  }

  private foreignKeysOf(relation: RelationObject): ConstraintObject[] {
    const { table } = relation;
    return table.outboundFks.flatMap((key): ConstraintObject[] => {
      const target = this.catalog.tableDescriptor(key.referencedTableId);
      if (target === undefined) return [];
      const validated = key.validity === ConstraintValidity.Validated;
      const definition = foreignKeyDefinition(table, key, this.catalog);
      return [
        {
          kind: 'f',
          oid: hashOid('constraint', relation.oid, 'f', key.name),
          name: key.name,
          relation,
          columnIds: key.originColumnIds,
          definition: `${definition}${validated ? '' : ' NOT VALID'}`,
          expression: undefined,
          validated,
          index: undefined,
          references: {
            table: target,
            columnIds: key.referencedColumnIds,
            onDelete: key.onDelete,
            onUpdate: key.onUpdate,
            match: key.match,
            index: this.keyOver(target.id, key.referencedColumnIds),
          },
        },
      ];
    });
  }

  private keyOver(tableId: number, columnIds: readonly number[]): IndexObject | undefined {
    const wanted = new Set(columnIds);
    return this.byOid
      .get(tableId)
      ?.indexes.find(
        ({ index }) =>
          index.unique &&
          index.predicate === '' &&
          index.keyColumnIds.length === wanted.size &&
          index.keyColumnIds.every((id) => wanted.has(id)),
      );
  }
}

export function columnName(table: TableDescriptor, id: number): string {
  return table.columns.find((column) => column.id === id)?.name ?? `[${id}]`;
}

function namespacesOf(catalog: CatalogSnapshot, database: DatabaseDescriptor): NamespaceObject[] {
  const virtual = VIRTUAL_SCHEMAS.map((name) => ({
    oid: namespaceOid(0, name),
    name,
    owner: 'node',
    id: 0,
  }));
  const own = catalog.schemas(database.id).map((schema) => ({
    oid: namespaceOid(database.id, schema.name),
    name: schema.name,
    owner: ownerOf(schema.privileges),
    id: schema.id,
  }));
  const publicSchema = {
    oid: namespaceOid(database.id, 'public'),
    name: 'public',
    owner: 'admin',
    id: PUBLIC_SCHEMA_ID,
  };
  return [...virtual, publicSchema, ...own];
}

function indexObjects(relation: RelationObject): IndexObject[] {
  const { table, info } = relation;
  const descriptors = [...(table.primaryIndex ? [table.primaryIndex] : []), ...table.indexes];
  const infos = [...(info.primaryIndex ? [info.primaryIndex] : []), ...info.secondaryIndexes];
  return descriptors.flatMap((index): IndexObject[] => {
    const indexInfo = infos.find((candidate) => candidate.id === index.id);
    if (indexInfo === undefined) return [];
    const primary = isPrimary(table, index);
    const implicit = primary && isImplicitKey(info, indexInfo);
    const oid = indexOid(table.id, index.id);
    return [{ oid, relation, index: explicitIndex(index), info: indexInfo, primary, implicit }];
  });
}

function isImplicitKey(table: TableInfo, index: IndexInfo): boolean {
  const [only, ...others] = index.keyColumns;
  const column = table.columns.find((candidate) => candidate.id === only?.columnId);
  return others.length === 0 && column?.hidden === true && column.defaultExpr === 'unique_rowid()';
}
