import { create } from '@bufbuild/protobuf';
import { notSupported, SqlError } from '../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../catalog/constants';
import {
  type PrivilegeDescriptor,
  PrivilegeDescriptorSchema,
} from '../../catalog/descriptor/gen/privilege_pb';
import {
  grant,
  isPrivilegeName,
  maskOf,
  type PrivilegeName,
  revoke,
} from '../../catalog/privileges';
import { ADMIN_ROLE, PUBLIC_ROLE, ROOT_USER } from '../../catalog/roles';
import type { DescriptorHeader } from '../../catalog/snapshot';
import { type DdlRun, runDefinition } from '../ddl/run';
import type { GrantStatement } from '../parse/privileges-ast';
import { requirePrivilege, secured } from '../privileges/access';
import { roleNamed } from '../privileges/role-names';
import { checkGrantable, objectKind, targetEntries } from '../privileges/targets';
import type { StatementContext } from './statement-context';

/** GRANT and REVOKE of privileges on objects. */
export async function grantPrivileges(
  statement: GrantStatement,
  context: StatementContext,
): Promise<string> {
  if (statement.grantOption) throw notSupported('GRANT OPTION', 'Grant the privilege GRANT.');
  return runDefinition(statement.revoke ? 'REVOKE' : 'GRANT', context, (run) => {
    const grantees = statement.grantees.map((grantee) => roleNamed(grantee, context));
    for (const grantee of grantees) {
      if (grantee === PUBLIC_ROLE || run.catalog.roles.get(grantee) !== undefined) continue;
      throw new SqlError('undefinedObject', `user or role ${grantee} does not exist`);
    }
    const privileges = privilegeList(statement.privileges);
    const entries = targetEntries(statement.target, run.names);
    for (const entry of entries) changeOne(entry, privileges, grantees, statement.revoke, run);
  });
}

export function privilegeList(names: readonly string[]): PrivilegeName[] {
  return names.map((name) => {
    if (isPrivilegeName(name)) return name;
    throw new SqlError('syntaxError', `not a valid privilege: "${name.toLowerCase()}"`);
  });
}

function changeOne(
  entry: DescriptorHeader,
  privileges: readonly PrivilegeName[],
  grantees: readonly string[],
  isRevoke: boolean,
  run: DdlRun,
): void {
  const kind = objectKind(entry);
  checkGrantable(privileges, kind);
  const object = secured(entry);
  if (object.databaseId === SYSTEM_DATABASE_ID) {
    const verb = isRevoke ? 'REVOKE' : 'GRANT';
    throw new SqlError('insufficientPrivilege', `cannot ${verb} on system object`);
  }
  // Nobody passes on what is not theirs.
  for (const privilege of ['GRANT', ...privileges] as const) {
    requirePrivilege(run.names, object, privilege);
  }
  const mask = maskOf(privileges);
  for (const held of privilegesToChange(entry, run)) {
    for (const grantee of grantees) {
      if (isRevoke && (grantee === ADMIN_ROLE || grantee === ROOT_USER)) {
        throw new SqlError(
          'invalidGrantOperation',
          `user ${grantee} must have exactly ALL privileges on ${object.kind} "${entry.name}"`,
        );
      }
      if (isRevoke) revoke(held, grantee, mask, kind);
      else grant(held, grantee, mask);
    }
  }
}

/** Of the descriptors that the change is made on: an enum and the type of its arrays go together. */
export function privilegesToChange(entry: DescriptorHeader, run: DdlRun): PrivilegeDescriptor[] {
  return ownersOf(entry, run).map((descriptor) => {
    descriptor.privileges ??= create(PrivilegeDescriptorSchema, { version: 1 });
    return descriptor.privileges;
  });
}

function ownersOf(
  { kind, id }: DescriptorHeader,
  run: DdlRun,
): { privileges?: PrivilegeDescriptor | undefined }[] {
  switch (kind) {
    case 'database':
      return [run.database(id)];
    case 'schema':
      return [run.schema(id)];
    case 'table':
      return [run.table(id)];
    case 'type': {
      const type = run.type(id);
      return type.arrayTypeId === 0 ? [type] : [type, run.type(type.arrayTypeId)];
    }
  }
}
