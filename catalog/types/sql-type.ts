/**
 * A SQL type as expressions, columns and result columns carry it.
 *
 * One immutable object a type; built from the type table (`table.ts`) or from a descriptor's `types.T`
 * (`from-descriptor.ts`, which also upgrades old encodings). User-defined types come hydrated: an enum carries its
 * labels, so text output never needs the catalog.
 */

export type TypeFamily =
  | 'bool'
  | 'int'
  | 'float'
  | 'decimal'
  | 'date'
  | 'time'
  | 'timetz'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'string'
  | 'collatedstring'
  | 'bytes'
  | 'uuid'
  | 'inet'
  | 'json'
  | 'bit'
  | 'oid'
  | 'enum'
  | 'array'
  | 'tuple'
  | 'geometry'
  | 'geography'
  | 'box2d'
  | 'void'
  /** The type of an untyped NULL. */
  | 'unknown'
  /** Matches every type; only in signatures of builtins. */
  | 'any';

export interface EnumMember {
  /** What keys and values store, and what orders the enum. */
  readonly physical: Uint8Array;
  readonly label: string;
  /** Being added or dropped: readable, not writable. */
  readonly readOnly: boolean;
}

export interface EnumMetadata {
  /** Descriptor id; the type's OID is this + 100000. */
  readonly id: number;
  readonly arrayOid: number;
  readonly databaseName: string;
  readonly schemaName: string;
  readonly name: string;
  /** In order of `physical`. */
  readonly members: readonly EnumMember[];
}

export interface SqlType {
  readonly family: TypeFamily;
  /** PostgreSQL OID; decides among the spellings of a family (text/varchar/bpchar/char/name, int2/int4/int8, oid/regclass …). */
  readonly oid: number;
  /** Bits of an int or float; length limit of a string or bit string, 0 = none; scale of a decimal. */
  readonly width: number;
  /** Precision of a decimal, 0 = none; fractional digits of a time, timestamp or interval when `precisionIsSet`. */
  readonly precision: number;
  readonly precisionIsSet: boolean;
  /** Collated strings: the locale as CockroachDB spells it, e.g. `en_u_ks_level2`. */
  readonly locale?: string;
  /** Arrays. */
  readonly element?: SqlType;
  /** Tuples. */
  readonly fields?: readonly SqlType[];
  readonly labels?: readonly string[];
  /** Geometry and geography: 0 = any. */
  readonly srid?: number;
  readonly shape?: number;
  /** Intervals: IntervalDurationType numbers of the backup format, 0 = unset. */
  readonly intervalFrom?: number;
  readonly intervalTo?: number;
  /** Enums. */
  readonly enum?: EnumMetadata;
}

/**
 * A value as SQLite holds it and better-sqlite3 passes it (docs/decisions/0002-value-representation.md).
 * On the way in an INTEGER may be a number when it is a safe integer; on the way out it is always a bigint.
 */
export type Repr = null | bigint | number | string | Uint8Array;
