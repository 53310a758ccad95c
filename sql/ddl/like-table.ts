import { notSupported, SqlError } from '../../base/errors';
import { invariant } from '../../base/invariant';
import type { ColumnDescriptor, TableDescriptor } from '../../catalog/descriptor/gen/table_pb';
import { explicitKeyIds } from '../../catalog/regional-rows';
import {
  checkElement,
  columnElement,
  indexElement,
  primaryKeyElement,
  uniqueWithoutIndexElements,
} from '../../catalog/show-create';
import type { LikeElement, TableElement } from '../parse/ddl-ast';
import { parseStatement } from '../parse/parse';
import type { DdlRun } from './run';
import { requireRelation } from './target';

/** What INCLUDING and EXCLUDING name. */
const PARTS = ['constraints', 'defaults', 'generated', 'indexes'] as const;
type Part = (typeof PARTS)[number];

/** Elements with every LIKE replaced by what it stands for. @throws SqlError undefinedTable (42P01) */
export function withoutLikes(elements: readonly TableElement[], run: DdlRun): TableElement[] {
  return elements.flatMap((element) =>
    element.kind === 'like' ? likeElements(element, run) : [element],
  );
}

/** The other table's definition as its own statement spells it, read again. */
function likeElements(like: LikeElement, run: DdlRun): readonly TableElement[] {
  const parts = partsOf(like);
  const info = requireRelation(like.table, ['table'], run);
  const table = structuredTable(run.table(info.id), parts);
  const texts = table.columns.map((column) => columnElement(column, run.catalog));
  if (parts.has('constraints')) {
    for (const check of table.checks) texts.push(checkElement(check, run.catalog));
    texts.push(...uniqueWithoutIndexElements(table, run.catalog));
  }
  if (parts.has('indexes')) {
    const source = run.table(info.id);
    if (!hasHiddenKey(source)) texts.push(...primaryKeyElement(table, run.catalog));
    for (const index of table.indexes) texts.push(indexElement(source, index, run.catalog));
  }
  const parsed = parseStatement(`CREATE TABLE _ (${texts.join(', ')})`);
  invariant(parsed.kind === 'CreateTable', 'a definition is read as it was written');
  return parsed.elements;
}

function partsOf(like: LikeElement): ReadonlySet<Part> {
  const parts = new Set<Part>();
  for (const { include, what } of like.options) {
    if (what !== 'all' && !PARTS.some((part) => part === what)) {
      if (['comments', 'identity', 'statistics', 'storage'].includes(what)) {
        throw notSupported(`LIKE … ${include ? 'INCLUDING' : 'EXCLUDING'} ${what.toUpperCase()}`);
      }
      throw new SqlError('syntaxError', `at or near "${what}": syntax error`);
    }
    for (const part of PARTS) {
      if (what !== 'all' && what !== part) continue;
      if (include) parts.add(part);
      else parts.delete(part);
    }
  }
  return parts;
}

const primaryKeyIds = ({ primaryIndex }: TableDescriptor): number[] =>
  primaryIndex === undefined ? [] : explicitKeyIds(primaryIndex);

/** The key that a table has when it was given none. */
function hasHiddenKey(table: TableDescriptor): boolean {
  const [id, ...more] = primaryKeyIds(table);
  const column = table.columns.find((candidate) => candidate.id === id);
  return more.length === 0 && column?.hidden === true && column.defaultExpr === 'unique_rowid()';
}

/** A copy with the columns that are copied, and of each what is asked for. */
function structuredTable(table: TableDescriptor, parts: ReadonlySet<Part>): TableDescriptor {
  const key = hasHiddenKey(table) ? primaryKeyIds(table)[0] : undefined;
  const made = new Set(
    [table.primaryIndex, ...table.indexes].flatMap((index) => index?.sharded?.name ?? []),
  );
  const columns = table.columns.filter(
    (column) => column.id !== key && !column.inaccessible && !made.has(column.name),
  );
  return { ...table, columns: columns.map((column) => copied(column, parts)) };
}

function copied(column: ColumnDescriptor, parts: ReadonlySet<Part>): ColumnDescriptor {
  const keepsDefault = parts.has('defaults') && column.generatedAsIdentityType === 0;
  return {
    ...column,
    hidden: false,
    defaultExpr: keepsDefault ? column.defaultExpr : '',
    onUpdateExpr: parts.has('defaults') ? column.onUpdateExpr : '',
    computeExpr: parts.has('generated') ? column.computeExpr : '',
    generatedAsIdentityType: 0,
  };
}
