import { type RandomType, TYPES } from './random-values';

export interface Column {
  readonly name: string;
  readonly type: RandomType;
  /** It can't be NULL and has no default. */
  readonly isRequired?: boolean;
}

/** What a random database thinks that a table is: statements that fail make it another one. */
export interface Table {
  readonly name: string;
  columns: Column[];
  /** Names of those that its primary key begins with, before `id`. */
  readonly key: readonly string[];
  /** Numbers what is added. */
  count: number;
}

export const typeNamed = (name: string): RandomType => {
  const type = TYPES.find((each) => each.name === name);
  if (type === undefined) throw new Error(`no type ${name}`);
  return type;
};
