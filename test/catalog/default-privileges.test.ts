import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  ALL_ROLES,
  changeDefaultPrivileges,
  type DefaultChange,
  grantedByDefault,
  namesRole,
  publicUsesTypes,
  removeDefaultsOf,
  roleHasAll,
  rolesWithDefaults,
} from '../../catalog/default-privileges';
import {
  type DatabaseDescriptor,
  DatabaseDescriptorSchema,
  SchemaDescriptorSchema,
} from '../../catalog/descriptor/gen/descriptor_pb';
import { DefaultPrivilegeDescriptorSchema } from '../../catalog/descriptor/gen/privilege_pb';
import { maskOf } from '../../catalog/privileges';

const SELECT = maskOf(['SELECT']);
const USAGE = maskOf(['USAGE']);
const ALL = maskOf(['ALL']);

const database = (): DatabaseDescriptor => create(DatabaseDescriptorSchema, { name: 'd' });

function changed(...changes: readonly Partial<DefaultChange>[]): DatabaseDescriptor {
  const holder = database();
  for (const change of changes) {
    const defaults = { kind: 'tables', grantee: 'ann', mask: SELECT, isRevoke: false } as const;
    changeDefaultPrivileges(holder, { role: 'bob', ...defaults, ...change });
  }
  return holder;
}

test('the bytes are those of v21.2: an entry for each role, what holds without it as flags', () => {
  const holder = changed(
    {},
    { role: ALL_ROLES, kind: 'types', grantee: 'public', mask: USAGE, isRevoke: true },
  );
  const { defaultPrivileges } = holder;
  if (defaultPrivileges === undefined) throw new Error('no default privileges');
  const bytes = Buffer.from(toBinary(DefaultPrivilegeDescriptorSchema, defaultPrivileges));
  // role bob { 1 "bob", 4 to 8 true }, 14 { 1: tables, 2: { 1 { ann, SELECT }, 2 "", 3 0 } }; then all roles { 11 false }.
  expect(bytes.toString('hex')).toBe(
    '0a2462' +
      '0f' +
      '0a03626f62' +
      '20012801300138014001' +
      '7211' +
      '0801' +
      '120d' +
      '0a070a03616e6e1020' +
      '1200' +
      '1800' +
      '0a046a025800',
  );
  expect(fromBinary(DefaultPrivilegeDescriptorSchema, bytes)).toEqual(defaultPrivileges);
});

test('roles are sorted, all roles last', () => {
  const holder = changed({ role: ALL_ROLES }, { role: 'zoe' }, { role: 'al' });
  expect(rolesWithDefaults(holder)).toEqual(['al', 'zoe', ALL_ROLES]);
});

test('what is revoked as it was granted leaves nothing', () => {
  const holder = changed({}, { mask: ALL, isRevoke: true });
  expect(holder.defaultPrivileges).toBeUndefined();
});

test('a role may lose what it has on its own objects, and get it back', () => {
  const holder = changed({ grantee: 'bob', isRevoke: true });
  expect(roleHasAll(holder, 'bob', 'tables')).toBe(false);
  expect(roleHasAll(holder, 'bob', 'types')).toBe(true);
  const [own] = grantedByDefault(holder, 'bob', 'tables');
  expect(own).toEqual({
    user: 'bob',
    mask: maskOf(['CREATE', 'DELETE', 'DROP', 'GRANT', 'INSERT', 'UPDATE', 'ZONECONFIG']),
  });
  changeDefaultPrivileges(holder, {
    ...{ role: 'bob', kind: 'tables', grantee: 'bob', mask: SELECT, isRevoke: false },
  });
  expect(holder.defaultPrivileges).toBeUndefined();
});

test('USAGE of types is everybody’s until it is revoked', () => {
  const usage = { kind: 'types', grantee: 'public', mask: USAGE } as const;
  expect(publicUsesTypes(changed(), 'bob')).toBeUndefined();
  const holder = changed({ ...usage, isRevoke: true });
  expect(publicUsesTypes(holder, 'bob')).toBe(false);
  expect(namesRole(holder, 'bob')).toEqual({ kind: 'types', role: 'bob' });
  changeDefaultPrivileges(holder, { role: 'bob', ...usage, isRevoke: false });
  expect(holder.defaultPrivileges).toBeUndefined();
});

test('schemas have no flags: nothing holds there without being granted', () => {
  const schema = create(SchemaDescriptorSchema, { name: 's' });
  changeDefaultPrivileges(schema, {
    ...{ role: 'bob', kind: 'tables', grantee: 'ann', mask: SELECT, isRevoke: false },
  });
  expect(grantedByDefault(schema, 'bob', 'tables')).toEqual([{ user: 'ann', mask: SELECT }]);
  expect(schema.defaultPrivileges?.type).toBe(1);
  removeDefaultsOf(schema, ['ann']);
  expect(schema.defaultPrivileges).toBeUndefined();
});

test('roles are taken out, as those whose objects are meant and as grantees', () => {
  const holder = changed({}, { grantee: 'cy' }, { role: 'ann', grantee: 'cy' });
  expect(namesRole(holder, 'ann')).toEqual({ kind: 'tables', role: 'ann' });
  removeDefaultsOf(holder, ['ann']);
  expect(rolesWithDefaults(holder)).toEqual(['bob']);
  expect(grantedByDefault(holder, 'bob', 'tables')).toEqual([{ user: 'cy', mask: SELECT }]);
  expect(namesRole(holder, 'ann')).toBeUndefined();
  expect(namesRole(holder, 'cy')).toEqual({ kind: 'tables', role: 'bob' });
});
