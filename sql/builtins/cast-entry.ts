import type { SqlType, TypeFamily } from '../../catalog/types/sql-type';
import type { ContextName, Udf } from './function-row';

/** One pair of families in the cast table. */
export interface CastEntry {
  readonly from: TypeFamily;
  readonly to: TypeFamily;
  readonly make: (from: SqlType, to: SqlType) => Udf;
  readonly context?: readonly ContextName[];
}
