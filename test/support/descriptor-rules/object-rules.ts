import {
  type DatabaseDescriptor,
  type SchemaDescriptor,
  type TypeDescriptor,
  TypeDescriptor_EnumMember_Direction,
  TypeDescriptor_Kind,
} from '../../../catalog/descriptor/gen/descriptor_pb';
import {
  type DefaultPrivilegeDescriptor,
  DefaultPrivilegeDescriptor_Type,
} from '../../../catalog/descriptor/gen/privilege_pb';
import { type ColumnType, Family } from '../../../catalog/descriptor/gen/type_pb';
import { GRANTABLE, maskOf, type ObjectKind } from '../../../catalog/privileges';
import type { Problems } from './problems';
import { typeProblems } from './table-rules';

/** Databases, schemas and types, each alone. */

const MULTIREGION = TypeDescriptor_Kind.MULTIREGION_ENUM;

export function databaseProblems(database: DatabaseDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `database ${database.name}: ${line}`);
  check(database.name !== '' && database.state === 0, 'name and state');
  check(database.drainingNames.length === 0, 'has names that are draining');
  problems.unique(
    database.schemas.map(({ key }) => key),
    `database ${database.name}: schema`,
  );
  check(
    database.schemas.every(({ value }) => (value?.id ?? 0) > 0),
    'a schema without an id',
  );
  check(
    database.schemas.every(({ key }) => !key.startsWith('pg_')),
    "lists a session's schema",
  );
  defaultPrivilegeProblems(
    database.defaultPrivileges,
    DefaultPrivilegeDescriptor_Type.DATABASE,
    check,
  );
  const regions = database.regionConfig;
  if (regions === undefined) return;
  check(regions.primaryRegion !== '' && regions.regionEnumId > 0, 'regions');
  check(regions.placement === 0 && regions.secondaryRegion === '', 'regions of later releases');
}

export function schemaProblems(schema: SchemaDescriptor, problems: Problems): void {
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `schema ${schema.name}: ${line}`);
  check(
    schema.name !== '' && !schema.name.startsWith('pg_') && schema.state === 0,
    'name and state',
  );
  check(schema.name !== 'public', 'public has no descriptor before v22.1');
  check(schema.drainingNames.length === 0, 'has names that are draining');
  defaultPrivilegeProblems(schema.defaultPrivileges, DefaultPrivilegeDescriptor_Type.SCHEMA, check);
}

/** By number, what new objects can grant: as CockroachDB checks it. */
const DEFAULT_OBJECTS: readonly ObjectKind[] = ['table', 'sequence', 'type', 'schema'];

function defaultPrivilegeProblems(
  descriptor: DefaultPrivilegeDescriptor | undefined,
  type: DefaultPrivilegeDescriptor_Type,
  check: (condition: boolean, line: string) => void,
): void {
  if (descriptor === undefined) return;
  const entries = descriptor.defaultPrivilegesPerRole;
  check(entries.length > 0, 'default privileges of nobody');
  check(descriptor.type === type, 'the type of default privileges');
  const names = entries.map(({ role }) =>
    role.case === 'explicitRole' ? `1 ${role.value.user}` : '2',
  );
  check(
    names.every((name, i) => i === 0 || name > (names[i - 1] ?? '')),
    'default privileges are sorted by role, all roles last',
  );
  for (const { role, defaultPrivilegesPerObject: objects } of entries) {
    check(role.case !== undefined, 'default privileges without a role');
    for (const { key, value } of objects) {
      const kind = DEFAULT_OBJECTS[key - 1];
      const allowed = kind === undefined ? 0n : maskOf(['ALL', ...GRANTABLE[kind]]);
      const users = value?.users ?? [];
      check(users.length > 0, 'default privileges on a kind of objects for nobody');
      check(
        users.every(({ privileges }) => privileges !== 0n && (privileges & ~allowed) === 0n),
        'default privileges that objects of the kind do not have',
      );
      check(
        users.every(({ user }, i) => i === 0 || user > (users[i - 1]?.user ?? '')),
        'users of default privileges are sorted',
      );
    }
  }
}

export function typeDescriptorProblems(type: TypeDescriptor, problems: Problems): void {
  const about = `type ${type.name}`;
  const check = (condition: boolean, line: string) =>
    problems.check(condition, `${about}: ${line}`);
  const { kind, enumMembers: members, alias } = type;
  check(type.name !== '' && type.state === 0 && type.parentSchemaId > 0, 'name, state and schema');
  check(type.drainingNames.length === 0, 'has names that are draining');
  check((kind === MULTIREGION) === (type.regionConfig !== undefined), 'region_config');
  problems.unique(type.referencingDescriptorIds, `${about}: referencing id`);
  if (kind === TypeDescriptor_Kind.ALIAS) {
    check(members.length === 0 && type.arrayTypeId === 0, 'an alias with members');
    check(
      alias?.family === Family.ArrayFamily && alias.oid === 100_000 + type.id,
      'the array that it names',
    );
    if (alias !== undefined) typeProblems(alias, about, problems);
    return;
  }
  check(alias === undefined && type.arrayTypeId > 0, 'an enum without an array type');
  problems.unique(
    members.map(({ logicalRepresentation }) => logicalRepresentation),
    `${about}: label`,
  );
  for (const [i, { physicalRepresentation, direction, capability }] of members.entries()) {
    const before = members[i - 1]?.physicalRepresentation ?? Buffer.alloc(0);
    check(Buffer.compare(before, physicalRepresentation) < 0, 'order of the members');
    check(
      direction === TypeDescriptor_EnumMember_Direction.NONE && capability === 0,
      'a member that is changing',
    );
  }
}

/** Ids of the user-defined types that a type is made of, array types included. */
export function userTypes(type: ColumnType): number[] {
  const own = type.oid > 100_000 ? [type.oid - 100_000] : [];
  const array = (type.udtMetadata?.arrayTypeOid ?? 0) - 100_000;
  const inside = type.arrayContents === undefined ? [] : userTypes(type.arrayContents);
  return [
    ...own,
    ...(array > 0 ? [array] : []),
    ...inside,
    ...type.tupleContents.flatMap(userTypes),
  ];
}
