import { createHash } from 'node:crypto';

/** OIDs of what has no descriptor id: the same for the same object in every session and after a restart. */

const HIGH_BIT = 0x8000_0000;

/** A hash of the parts with the highest bit set, so that no descriptor id or built-in OID is among them. */
export function hashOid(kind: string, ...parts: readonly (string | number)[]): number {
  const digest = createHash('md5')
    .update([kind, ...parts].join('\0'))
    .digest();
  return (digest.readUInt32BE(0) | HIGH_BIT) >>> 0;
}

/** @param databaseId 0 for schemas that every database has */
export const namespaceOid = (databaseId: number, schema: string): number =>
  hashOid('namespace', databaseId, schema);

export const indexOid = (tableId: number, indexId: number): number =>
  hashOid('index', tableId, indexId);

export const roleOid = (name: string): number => hashOid('role', name);

export const functionOid = (signature: string): number => hashOid('function', signature);
