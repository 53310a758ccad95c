import { type SystemTable, systemTable } from './system-table';

/** A table that functions look up rows in; no client sees it. */
export const lookup = (
  definition: Omit<Parameters<typeof systemTable>[0], 'schema'>,
): SystemTable => ({
  ...systemTable({ ...definition, schema: 'crdb_internal' }),
  oid: 0,
});
