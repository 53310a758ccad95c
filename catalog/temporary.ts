import type { DescriptorHeader } from './snapshot';

/**
 * What goes with its session: temporary tables, views and sequences, and the schema of the session that they lie in. Here that schema
 * has a descriptor; in CockroachDB it is a name alone, so that no backup may hold one.
 */

const SCHEMA_NAME = /^pg_temp_\d+_\d+$/;

export const isTemporarySchema = (name: string): boolean => SCHEMA_NAME.test(name);

export function isTemporary({ kind, name, descriptor }: DescriptorHeader): boolean {
  const { union } = descriptor;
  if (union.case === 'table') return union.value.temporary;
  return kind === 'schema' && isTemporarySchema(name);
}
