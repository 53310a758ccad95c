import { create } from '@bufbuild/protobuf';
import { SqlError } from '../../base/errors';
import {
  type PrivilegeDescriptor,
  PrivilegeDescriptorSchema,
} from '../../catalog/descriptor/gen/privilege_pb';
import type { OwnerToStatement } from '../parse/alter-ast';
import { requireNewOwner, secured } from '../privileges/access';
import type { StatementContext } from '../statements/statement-context';
import { findEnum } from './alter-type';
import { type DdlRun, runDefinition } from './run';
import { requireSchema } from './set-schema';
import { ALTERED_KINDS, findRelation } from './target';

const TAGS = {
  TABLE: 'ALTER TABLE OWNER',
  VIEW: 'ALTER VIEW OWNER',
  'MATERIALIZED VIEW': 'ALTER VIEW OWNER',
  SEQUENCE: 'ALTER SEQUENCE OWNER',
  DATABASE: 'ALTER DATABASE OWNER',
  SCHEMA: 'ALTER SCHEMA',
  TYPE: 'ALTER TYPE',
} as const;

/** ALTER … OWNER TO. @throws SqlError undefinedObject (42704) for an unknown role */
export async function ownerTo(
  statement: OwnerToStatement,
  context: StatementContext,
): Promise<string> {
  return runDefinition(TAGS[statement.object], context, (run) => {
    const owned = ownedBy(statement, run);
    if (owned.length === 0) return;
    const owner = statement.owner ?? context.user;
    for (const { id } of owned) {
      const entry = run.catalog.entry(id);
      if (entry !== undefined) requireNewOwner(run.names, secured(entry), owner);
    }
    for (const descriptor of owned) {
      descriptor.privileges ??= create(PrivilegeDescriptorSchema, { version: 1 });
      descriptor.privileges.owner = owner;
    }
  });
}

interface Owned {
  readonly id: number;
  privileges?: PrivilegeDescriptor | undefined;
}

/** An enum and the type of its arrays have one owner. Nothing: IF EXISTS of what there is not. */
function ownedBy(statement: OwnerToStatement, run: DdlRun): Owned[] {
  const { object, name } = statement;
  const label = name.parts.join('.');
  switch (object) {
    case 'DATABASE': {
      const database = run.catalog.database(label);
      if (database !== undefined) return [run.database(database.id)];
      throw new SqlError('invalidCatalogName', `database "${label}" does not exist`);
    }
    case 'SCHEMA':
      return [run.schema(requireSchema(name, run).id)];
    case 'TYPE': {
      const type = findEnum(name, run);
      if (type !== undefined) return [type, run.type(type.arrayTypeId)];
      if (statement.ifExists) return [];
      throw new SqlError('undefinedObject', `type "${label}" does not exist`);
    }
    default: {
      const kind = ALTERED_KINDS[object];
      const kinds = kind === 'table' ? (['table', 'view', 'sequence'] as const) : [kind];
      const relation = findRelation(name, kinds, run);
      if (relation !== undefined) return [run.table(relation.id)];
      if (statement.ifExists) return [];
      throw new SqlError('undefinedTable', `relation "${label}" does not exist`);
    }
  }
}
