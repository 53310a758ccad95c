import { SqlError } from '../../base/errors';
import { type Connection, connectStore, type Durability } from '../../storage/ranges/connection';
import { readSequence, writeSequence } from '../../storage/ranges/sequence-rows';
import { setWriteTime } from '../../storage/ranges/write-time';
import type { SequenceAccess, SequenceOptions } from '../builtins/sequence-access';

/**
 * Sequences of the store, through a connection of their own: values are handed out for good, whatever becomes of the
 * statement that asked. The stored value is the last one handed out; of a sequence never used, start − increment.
 */
export class StoredSequences implements SequenceAccess {
  private readonly directory: string;
  private readonly durability: Durability;
  private db: Connection | undefined;

  constructor(directory: string, durability: Durability = 'full') {
    this.directory = directory;
    this.durability = durability;
  }

  private connection(): Connection {
    this.db ??= connectStore(this.directory, { durability: this.durability });
    return this.db;
  }

  /** The time of what the running query hands out. */
  at(timestamp: bigint): void {
    setWriteTime(this.connection(), timestamp);
  }

  /** The stored value; undefined of a sequence never used. */
  stored(tableId: number): bigint | undefined {
    return readSequence(this.connection(), tableId);
  }

  nextval(tableId: number, options: SequenceOptions): bigint {
    const db = this.connection();
    const value = nextValue(readSequence(db, tableId), options);
    writeSequence(db, tableId, value);
    return value;
  }

  setval(tableId: number, value: bigint, isCalled: boolean, options: SequenceOptions): void {
    checkBounds(value, options);
    writeSequence(this.connection(), tableId, isCalled ? value : value - options.increment);
  }

  close(): void {
    this.db?.close();
    this.db = undefined;
  }
}

/** @throws SqlError numericValueOutOfRange (22003) when the sequence is used up. */
export function nextValue(last: bigint | undefined, options: SequenceOptions): bigint {
  const { increment, maxValue, minValue, start, name } = options;
  const value = (last ?? start - increment) + increment;
  if (increment > 0n ? value <= maxValue : value >= minValue) return value;
  const [which, bound] = increment > 0n ? ['maximum', maxValue] : ['minimum', minValue];
  throw new SqlError(
    'numericValueOutOfRange',
    `reached ${which} value of sequence "${name}" (${bound})`,
  );
}

export function checkBounds(value: bigint, options: SequenceOptions): void {
  const { maxValue, minValue, name } = options;
  if (value >= minValue && value <= maxValue) return;
  throw new SqlError(
    'numericValueOutOfRange',
    `value ${value} is out of bounds for sequence "${name}" (${minValue}..${maxValue})`,
  );
}
