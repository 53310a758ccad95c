export const RESULT_FORMATS = ['table', 'csv', 'tsv', 'records'] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export interface Column {
  readonly name: string;
  readonly isNumber: boolean;
}

/** Values in text format; null is SQL's NULL. */
export type Row = readonly (string | null)[];

/** Turns results into text. One writer serves many results, one after the other. */
export interface ResultWriter {
  begin(columns: readonly Column[]): void;
  row(values: Row): void;
  /** @param isComplete false: an error came instead of more rows */
  end(isComplete: boolean): void;
}

export const NULL_TEXT = 'NULL';
