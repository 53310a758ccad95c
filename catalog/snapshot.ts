import { defined } from '../base/invariant';
import { buildTableInfo } from './build-table-info';
import { PUBLIC_SCHEMA_ID, USER_TYPE_OID_BASE } from './constants';
import type {
  DatabaseDescriptor,
  Descriptor,
  SchemaDescriptor,
  TypeDescriptor,
} from './descriptor/gen/descriptor_pb';
import { TypeDescriptor_Kind } from './descriptor/gen/descriptor_pb';
import { DescriptorState, type TableDescriptor } from './descriptor/gen/table_pb';
import { NO_ROLE_GRAPH, type RoleGraph } from './roles';
import type { TableInfo } from './table-info';
import type { EnumMetadata } from './types/sql-type';

/**
 * The catalog at one version: every descriptor by id and by name. Immutable; a change of the catalog makes a new one.
 */

export type DescriptorKind = 'database' | 'schema' | 'table' | 'type';

/** What all descriptors have, whichever their kind. */
export interface DescriptorHeader {
  readonly kind: DescriptorKind;
  readonly id: number;
  readonly name: string;
  /** 0 for databases. */
  readonly databaseId: number;
  /** 0 for databases and schemas. */
  readonly schemaId: number;
  readonly state: DescriptorState;
  readonly descriptor: Descriptor;
}

/** @returns undefined for kinds that have no place in the catalog of v21.2 (functions). */
export function headerOf(descriptor: Descriptor): DescriptorHeader | undefined {
  const { union } = descriptor;
  switch (union.case) {
    case 'database':
      return header('database', union.value, 0, 0, descriptor);
    case 'schema':
      return header('schema', union.value, union.value.parentId, 0, descriptor);
    case 'table': {
      const schemaId = union.value.unexposedParentSchemaId || PUBLIC_SCHEMA_ID;
      return header('table', union.value, union.value.parentId, schemaId, descriptor);
    }
    case 'type': {
      const schemaId = union.value.parentSchemaId || PUBLIC_SCHEMA_ID;
      return header('type', union.value, union.value.parentId, schemaId, descriptor);
    }
    default:
      return undefined;
  }
}

function header(
  kind: DescriptorKind,
  value: { readonly id: number; readonly name: string; readonly state: DescriptorState },
  databaseId: number,
  schemaId: number,
  descriptor: Descriptor,
): DescriptorHeader {
  const { id, name, state } = value;
  return { kind, id, name, databaseId, schemaId, state, descriptor };
}

const nameKey = (databaseId: number, schemaId: number, name: string): string =>
  `${databaseId}/${schemaId}/${name}`;

export class CatalogSnapshot {
  readonly version: number;
  readonly roles: RoleGraph;
  private readonly byId = new Map<number, DescriptorHeader>();
  private readonly byName = new Map<string, DescriptorHeader>();
  private readonly tableInfos = new Map<number, TableInfo>();

  constructor(version: number, descriptors: Iterable<Descriptor>, roles = NO_ROLE_GRAPH) {
    this.version = version;
    this.roles = roles;
    for (const descriptor of descriptors) {
      const entry = headerOf(descriptor);
      if (entry === undefined) continue;
      this.byId.set(entry.id, entry);
      if (entry.state !== DescriptorState.DROP) {
        this.byName.set(nameKey(entry.databaseId, entry.schemaId, entry.name), entry);
      }
    }
  }

  entry(id: number): DescriptorHeader | undefined {
    return this.byId.get(id);
  }

  entries(): Iterable<DescriptorHeader> {
    return this.byId.values();
  }

  /** Whatever holds this name, public or not: what a new object of the name would collide with. */
  holderOfName(databaseId: number, schemaId: number, name: string): DescriptorHeader | undefined {
    return this.byName.get(nameKey(databaseId, schemaId, name));
  }

  private visible(entry: DescriptorHeader | undefined): DescriptorHeader | undefined {
    return entry?.state === DescriptorState.PUBLIC ? entry : undefined;
  }

  database(name: string): DatabaseDescriptor | undefined {
    const union = this.visible(this.holderOfName(0, 0, name))?.descriptor.union;
    return union?.case === 'database' ? union.value : undefined;
  }

  databases(): DatabaseDescriptor[] {
    return [...this.byId.values()]
      .flatMap((entry) => {
        const { union } = entry.descriptor;
        return union.case === 'database' && this.visible(entry) ? [union.value] : [];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  databaseName(id: number): string {
    return this.byId.get(id)?.name ?? `[${id}]`;
  }

  schemaName(id: number): string {
    return id === PUBLIC_SCHEMA_ID ? 'public' : (this.byId.get(id)?.name ?? `[${id}]`);
  }

  /** Id of a schema of a database, `public` included. */
  schemaId(databaseId: number, name: string): number | undefined {
    if (name === 'public') return PUBLIC_SCHEMA_ID;
    const entry = this.visible(this.holderOfName(databaseId, 0, name));
    return entry?.kind === 'schema' ? entry.id : undefined;
  }

  /** User-defined schemas of a database, by name. */
  schemas(databaseId: number): SchemaDescriptor[] {
    return [...this.byId.values()]
      .flatMap((entry) => {
        const { union } = entry.descriptor;
        const here = entry.databaseId === databaseId && this.visible(entry) !== undefined;
        return union.case === 'schema' && here ? [union.value] : [];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  tableDescriptor(id: number): TableDescriptor | undefined {
    const union = this.byId.get(id)?.descriptor.union;
    return union?.case === 'table' ? union.value : undefined;
  }

  typeDescriptor(id: number): TypeDescriptor | undefined {
    const union = this.byId.get(id)?.descriptor.union;
    return union?.case === 'type' ? union.value : undefined;
  }

  /** @returns undefined when there is no such table or it is not public (being restored, dropped). */
  table(databaseId: number, schemaId: number, name: string): TableInfo | undefined {
    const entry = this.visible(this.holderOfName(databaseId, schemaId, name));
    return entry?.kind === 'table' ? this.tableById(entry.id) : undefined;
  }

  tableById(id: number): TableInfo | undefined {
    const known = this.tableInfos.get(id);
    if (known !== undefined) return known;
    const descriptor = this.tableDescriptor(id);
    if (descriptor === undefined) return undefined;
    const info = buildTableInfo(descriptor, this);
    this.tableInfos.set(id, info);
    return info;
  }

  /** Public tables, views and sequences of a database, by schema and name. */
  tables(databaseId: number): TableInfo[] {
    return [...this.byId.values()]
      .filter((entry) => entry.kind === 'table' && entry.databaseId === databaseId)
      .filter((entry) => this.visible(entry) !== undefined)
      .map((entry) => defined(this.tableById(entry.id), `table ${entry.id}`))
      .sort(bySchemaAndName);
  }

  /** Public user-defined types of a database; array types are left out. */
  types(databaseId: number): TypeDescriptor[] {
    return [...this.byId.values()].flatMap((entry) => {
      const { union } = entry.descriptor;
      if (union.case !== 'type' || entry.databaseId !== databaseId) return [];
      return union.value.kind === TypeDescriptor_Kind.ALIAS || this.visible(entry) === undefined
        ? []
        : [union.value];
    });
  }

  /** Labels and names of an enum, for `fromDescriptorType`. */
  enumMetadata(typeId: number): EnumMetadata | undefined {
    const type = this.typeDescriptor(typeId);
    if (type === undefined) return undefined;
    return enumMetadataOf(type, this.databaseName(type.parentId), (id) => this.schemaName(id));
  }
}

export function enumMetadataOf(
  type: TypeDescriptor,
  databaseName: string,
  schemaName: (id: number) => string,
): EnumMetadata {
  return {
    id: type.id,
    arrayOid: type.arrayTypeId === 0 ? 0 : type.arrayTypeId + USER_TYPE_OID_BASE,
    databaseName,
    schemaName: schemaName(type.parentSchemaId || PUBLIC_SCHEMA_ID),
    name: type.name,
    members: type.enumMembers.map((member) => ({
      physical: member.physicalRepresentation,
      label: member.logicalRepresentation,
      readOnly: member.capability !== 0,
    })),
  };
}

function bySchemaAndName(a: TableInfo, b: TableInfo): number {
  if (a.schemaName !== b.schemaName) return a.schemaName < b.schemaName ? -1 : 1;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
