import type { BackupManifest } from '../../../backup/format/gen/backup_pb';
import { PUBLIC_SCHEMA_ID } from '../../../catalog/constants';
import {
  type Descriptor,
  TypeDescriptor_Kind,
} from '../../../catalog/descriptor/gen/descriptor_pb';
import { DescriptorState } from '../../../catalog/descriptor/gen/table_pb';
import { grantsOf, ownerOf } from '../../../catalog/privileges';
import { type DescriptorHeader, headerOf } from '../../../catalog/snapshot';

/** Runs a statement. @returns its rows, each value as the text that the server sent */
export type Run = (sql: string) => Promise<(string | null)[][]>;

/** Who owns what of a database and who may do what to it; what is said about it. */

const SYSTEM = "('pg_catalog', 'information_schema', 'crdb_internal', 'pg_extension')";

const OWNERS = `
  SELECT nspname || '.' || relname, pg_get_userbyid(relowner) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'v', 'm', 'S') AND nspname NOT IN ${SYSTEM}
  UNION ALL SELECT nspname || '.' || typname, pg_get_userbyid(typowner) FROM pg_type JOIN pg_namespace AS n ON n.oid = typnamespace
    WHERE typtype = 'e'
  UNION ALL SELECT nspname || '.', pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname NOT IN ${SYSTEM}
  UNION ALL SELECT '.', pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()`;

const GRANTS = `SELECT schema_name || '.' || COALESCE(relation_name, ''), grantee, privilege_type
  FROM [SHOW GRANTS] WHERE schema_name NOT IN ${SYSTEM}`;

const COMMENTS = `
  SELECT COALESCE(relname, ''), objsubid, description FROM pg_description LEFT JOIN pg_class AS c ON c.oid = objoid
    WHERE c.oid IS NOT NULL OR objoid IN (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * A line for each owner, grant and default privilege. Relations and types are `schema.name`, schemas `schema.`; the database is `.`.
 */
export async function readAccess(run: Run, database: string): Promise<string[]> {
  const owners = await run(OWNERS);
  const grants = await run(GRANTS);
  const ofDatabase = await run(
    `SELECT '.', grantee, privilege_type FROM [SHOW GRANTS ON DATABASE ${database}]`,
  );
  const defaults = await run('SHOW DEFAULT PRIVILEGES');
  return [
    ...owners.map(([name, owner]) => `${name} owner ${owner}`),
    ...[...grants, ...ofDatabase].map((row) => row.join(' ')),
    ...defaults.map((row) => `default ${row.join(' ')}`),
  ].sort();
}

/** A line a comment. They have no past. */
export async function readComments(run: Run): Promise<string[]> {
  return (await run(COMMENTS)).map((row) => row.join('|')).sort();
}

/** What the descriptors of a database in a backup say of it, but for its default privileges, and what the server says of the same objects. */
export function compareAccess(
  descriptors: readonly Descriptor[],
  database: string,
  access: readonly string[],
): { readonly written: string[]; readonly expected: string[] } {
  const headers = descriptors.flatMap((descriptor) => headerOf(descriptor) ?? []);
  const own = headers.find(({ kind, name }) => kind === 'database' && name === database);
  const schemas = new Map(headers.map(({ id, name }) => [id, name]));
  const nameOf = ({ kind, name, schemaId }: DescriptorHeader): string => {
    if (kind === 'database') return '.';
    if (kind === 'schema') return `${name}.`;
    return `${schemaId === PUBLIC_SCHEMA_ID ? 'public' : schemas.get(schemaId)}.${name}`;
  };
  const shown = headers.filter(
    (header) => (header === own || header.databaseId === own?.id) && isShown(header),
  );
  const written = shown.flatMap((header) => linesOf(nameOf(header), header));
  const names = new Set(shown.map(nameOf));
  const expected = access.filter((line) => names.has(line.split(' ', 1)[0] ?? ''));
  return { written: written.sort(), expected };
}

/** Array types have what the types of their elements have. */
function isShown({ state, descriptor: { union } }: DescriptorHeader): boolean {
  const isArray = union.case === 'type' && union.value.kind === TypeDescriptor_Kind.ALIAS;
  return state === DescriptorState.PUBLIC && !isArray;
}

function linesOf(name: string, { descriptor: { union } }: DescriptorHeader): string[] {
  if (union.case === undefined || union.case === 'function') return [];
  const { privileges } = union.value;
  const grants = grantsOf(privileges).flatMap((grant) =>
    grant.privileges.map((privilege) => `${name} ${grant.user} ${privilege}`),
  );
  return [`${name} owner ${ownerOf(privileges)}`, ...grants];
}

/** Descriptors as a layer of all versions has them at a time within it. */
export function descriptorsAt(
  { descriptorChanges }: BackupManifest,
  isLater: (time: BackupManifest['endTime']) => boolean,
): Descriptor[] {
  const last = new Map<number, Descriptor | undefined>();
  for (const { id, desc, time } of descriptorChanges) if (!isLater(time)) last.set(id, desc);
  return [...last.values()].flatMap((descriptor) => descriptor ?? []);
}
