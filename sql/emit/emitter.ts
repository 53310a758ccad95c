import { createHash } from 'node:crypto';
import { SqlError } from '../../base/errors';
import type { Repr, SqlType } from '../../catalog/types/sql-type';
import type { AggregateRow, ContextName, FunctionRow } from '../builtins/function-row';
import { rowId } from '../builtins/row-index';
import type { AggregateVariant, FunctionUse, ParameterSlot } from './compiled-query';

/** SQLite has 32,766 parameters at most: the constants of a long list go into the text. */
const SLOTS_BEFORE_LITERALS = 1_000;

/** Of WITH queries, those in others included: SQLite takes some seconds for ten times as many. */
const COPIES_MAX = 20_000;

/** Gathers what one statement needs besides its text: parameters and functions. */
export class Emitter {
  readonly slots: ParameterSlot[] = [];
  private readonly slotNames = new Map<string, string>();
  private readonly uses = new Map<string, FunctionUse>();

  /** SQLite copies a WITH query to each of its uses, and what it uses to each copy. */
  private copies = 0;
  private readonly copiesOf = new Map<string, number>();

  /** @param emit the text of a WITH query */
  define(name: string, emit: () => string): string {
    const before = this.copies;
    const text = emit();
    this.copiesOf.set(name, this.copies - before + 1);
    this.copies = before;
    return text;
  }

  /** A WITH query is read. @throws SqlError statementTooComplex (54001) */
  useDefined(name: string): void {
    this.copies += this.copiesOf.get(name) ?? 1;
    if (this.copies > COPIES_MAX)
      throw new SqlError(
        'statementTooComplex',
        `statement is too complex: its WITH queries are used more than ${COPIES_MAX} times`,
      );
  }

  private slot(key: string, slot: ParameterSlot): string {
    const known = this.slotNames.get(key);
    if (known !== undefined) return known;
    this.slots.push(slot);
    const name = `:p${this.slots.length}`;
    this.slotNames.set(key, name);
    return name;
  }

  /** A literal when it is short and plain, else a parameter. */
  constant(value: Repr): string {
    if (value === null) return 'NULL';
    if (typeof value === 'bigint' && value >= -9_007_199_254_740_991n && value < 1n << 53n)
      return value < 0n ? `(${value})` : String(value);
    if (this.slots.length >= SLOTS_BEFORE_LITERALS && value instanceof Uint8Array)
      return `x'${Buffer.from(value).toString('hex')}'`;
    if (
      this.slots.length >= SLOTS_BEFORE_LITERALS &&
      typeof value === 'string' &&
      !value.includes('\0')
    )
      return `'${value.replaceAll("'", "''")}'`;
    return this.parameter(value);
  }

  parameter(value: Repr): string {
    const key =
      value instanceof Uint8Array
        ? `x${Buffer.from(value).toString('hex')}`
        : `${typeof value} ${String(value)}`;
    return this.slot(`const ${key}`, { kind: 'const', value });
  }

  client(index: number): string {
    return this.slot(`param ${index}`, { kind: 'param', index });
  }

  context(name: ContextName): string {
    return this.slot(`context ${name}`, { kind: 'context', name });
  }

  /** The SQLite name of a function made for these types. */
  use(
    row: FunctionRow | AggregateRow,
    args: readonly SqlType[],
    returns: SqlType,
    variant?: AggregateVariant,
  ): string {
    const id = rowId(row);
    const typed = 'body' in row ? row.body.kind === 'factory' : true;
    const plain = typed ? `${id}_${typesKey([...args, returns])}` : id;
    const sqliteName = variant === undefined ? plain : `${plain}_${variant}`;
    const use = { sqliteName, rowId: id, args, returns };
    if (!this.uses.has(sqliteName))
      this.uses.set(sqliteName, variant === undefined ? use : { ...use, variant });
    return sqliteName;
  }

  functions(): FunctionUse[] {
    return [...this.uses.values()];
  }
}

const keys = new WeakMap<SqlType, string>();

/** Tells types apart that functions must not share. */
function typeKey(type: SqlType): string {
  let key = keys.get(type);
  if (key === undefined) {
    key = JSON.stringify(type, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    );
    keys.set(type, key);
  }
  return key;
}

function typesKey(types: readonly SqlType[]): string {
  return createHash('sha1').update(types.map(typeKey).join('\n')).digest('hex').slice(0, 16);
}
