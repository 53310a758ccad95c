import type { TableDescriptor } from './descriptor/gen/table_pb';

/** An expression that a descriptor stores. */
export interface StoredText {
  /** What it is. */
  readonly kind: 'default' | 'onUpdate' | 'computed' | 'check' | 'predicate' | 'view';
  readonly text: string;
  readonly set: (text: string) => void;
}

/** Of a table, and what a view selects; those that are not empty. */
export function storedTexts(table: TableDescriptor): StoredText[] {
  return [
    ...table.columns.flatMap((column): StoredText[] => [
      {
        kind: 'default',
        text: column.defaultExpr,
        set: (text) => {
          column.defaultExpr = text;
        },
      },
      {
        kind: 'onUpdate',
        text: column.onUpdateExpr,
        set: (text) => {
          column.onUpdateExpr = text;
        },
      },
      {
        kind: 'computed',
        text: column.computeExpr,
        set: (text) => {
          column.computeExpr = text;
        },
      },
    ]),
    ...table.checks.map(
      (check): StoredText => ({
        kind: 'check',
        text: check.expr,
        set: (text) => {
          check.expr = text;
        },
      }),
    ),
    ...[...table.indexes, ...table.uniqueWithoutIndexConstraints].map(
      (index): StoredText => ({
        kind: 'predicate',
        text: index.predicate,
        set: (text) => {
          index.predicate = text;
        },
      }),
    ),
    {
      kind: 'view' as const,
      text: table.viewQuery,
      set: (text: string) => {
        table.viewQuery = text;
      },
    },
  ].filter((stored) => stored.text !== '');
}
