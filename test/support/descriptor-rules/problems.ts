import { type DescField, isFieldSet, type Message } from '@bufbuild/protobuf';
import type { ColumnDescriptor, TableDescriptor } from '../../../catalog/descriptor/gen/table_pb';

/** What is wrong with the descriptors of a backup, one line each. */
export class Problems {
  readonly lines: string[] = [];

  check(condition: boolean, line: string): void {
    if (!condition) this.lines.push(line);
  }

  unique(names: Iterable<string | number>, what: string): void {
    const seen = new Set<string | number>();
    for (const name of names) {
      this.check(!seen.has(name), `${what} ${name} occurs twice`);
      seen.add(name);
    }
  }
}

/** A pointer in Go: "not there" and "empty" are two things. */
export function isEmptyButSet(message: Message, field: DescField): boolean {
  return (
    isFieldSet(message, field) &&
    (message as unknown as Record<string, unknown>)[field.localName] === ''
  );
}

export const sameIds = (a: readonly number[], b: readonly number[]): boolean =>
  [...a].sort((x, y) => x - y).join() === [...b].sort((x, y) => x - y).join();

/** Public ones and those of schema changes. */
export function allColumns(table: TableDescriptor): ColumnDescriptor[] {
  const changing = table.mutations.flatMap(({ descriptor }) =>
    descriptor.case === 'column' ? [descriptor.value] : [],
  );
  return [...table.columns, ...changing];
}
