/** How sequence functions reach their sequences; implemented by whoever runs the query. */

export interface SequenceOptions {
  readonly name: string;
  readonly increment: bigint;
  readonly minValue: bigint;
  readonly maxValue: bigint;
  readonly start: bigint;
  /** Its values are row ids. */
  readonly virtual: boolean;
}

export interface SequenceAccess {
  /** Advances and gives the new value. @throws SqlError numericValueOutOfRange (22003) at the bound */
  nextval(tableId: number, options: SequenceOptions): bigint;
  /** @param isCalled false: the next nextval gives `value` itself */
  setval(tableId: number, value: bigint, isCalled: boolean, options: SequenceOptions): void;
}
