import { clone } from '@bufbuild/protobuf';
import { type Connection, statement } from '../storage/ranges/connection';
import { writeDescriptor } from './catalog-manager';
import { CatalogReader } from './catalog-reader';
import { changeDefaultPrivileges, type DefaultKind } from './default-privileges';
import { DescriptorSchema } from './descriptor/gen/descriptor_pb';
import { privilegeBit } from './privileges';

/** What stores of an earlier program keep elsewhere. */

interface StoredDefault {
  readonly holderId: number;
  readonly role: string;
  readonly kind: DefaultKind;
  readonly grantee: string;
  /** 0: what everybody may do with types was revoked. */
  readonly mask: number;
}

/** Default privileges had a table of their own: they go into the descriptors. In the caller's write transaction. */
export function moveDefaultPrivileges(db: Connection, nowNanos: bigint): void {
  const table = `SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'default_privileges'`;
  if (statement(db, table).get() === undefined) return;
  const all = `SELECT iif(schema_id = 0, database_id, schema_id) AS "holderId", role, object_type AS kind,
    grantee, mask FROM default_privileges`;
  const rows = statement(db, all).all() as StoredDefault[];
  const catalog = new CatalogReader().read(db);
  for (const id of new Set(rows.map(({ holderId }) => holderId))) {
    const found = catalog.entry(id);
    if (found === undefined) continue;
    const descriptor = clone(DescriptorSchema, found.descriptor);
    const { union } = descriptor;
    if (union.case !== 'database' && union.case !== 'schema') continue;
    for (const { role, kind, grantee, mask } of rows.filter((row) => row.holderId === id)) {
      const isRevoke = mask === 0;
      const given = isRevoke ? privilegeBit('USAGE') : BigInt(mask);
      changeDefaultPrivileges(union.value, { role, kind, grantee, mask: given, isRevoke });
    }
    union.value.version++;
    writeDescriptor(db, descriptor, nowNanos);
  }
  db.exec('DROP TABLE default_privileges; DROP TABLE IF EXISTS h_default_privileges');
}
