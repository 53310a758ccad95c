import { clone, create } from '@bufbuild/protobuf';
import { SQLSTATE, SqlError } from '../../../base/errors';
import { SYSTEM_DATABASE_ID } from '../../../catalog/constants';
import {
  type DescriptorMutation,
  DescriptorMutation_Direction,
  DescriptorMutation_State,
  DescriptorMutationSchema,
  type TableDescriptor,
  TableDescriptorSchema,
} from '../../../catalog/descriptor/gen/table_pb';
import type { EnumResolver } from '../../../catalog/types/from-descriptor';
import { compareKeys } from '../../format/compare-keys';
import {
  compileIndexEncoder,
  type EncodedIndex,
  type IndexEncoder,
  indexColumnIds,
} from '../../format/datum/index-encoder';
import { RowEncoder } from '../../format/datum/row-encoder';
import { encodeTablePrefix, prefixEnd } from '../../format/datum/table-key';
import type { KeySpan } from '../../restore/coverage';
import { rootOf } from './interleaves';
import { type TableEncoding, tableEncoding } from './table-encoding';

/** A table as a BACKUP writes it: its descriptor, its spans, and the encoders of its rows and index entries. */

export interface WrittenIndex {
  readonly id: number;
  readonly encoded: EncodedIndex;
  readonly encoder: IndexEncoder;
  /** Of which its entries are made. */
  readonly columnIds: ReadonlySet<number>;
  /** Of a partial index; empty: all rows have an entry. */
  readonly predicate: string;
}

export interface WrittenTable {
  /** Indexes whose entries can't be written are in it as being added: whoever restores the table builds them. */
  readonly descriptor: TableDescriptor;
  /** Of the mutations that add those. */
  readonly deferredMutationId: number | undefined;
  readonly encoding: TableEncoding;
  readonly rows: RowEncoder;
  readonly indexes: readonly WrittenIndex[];
  readonly primaryId: number;
  /** Of an interleaved table, or one in which others are: in whose span its rows lie (interleaves.ts). */
  readonly rootId: number | undefined;
  /** Of all that are written in spans of the table's own. */
  readonly indexIds: readonly number[];
}

/** Rows of system tables are not where those of others are. */
export const isOfSystem = ({ descriptor }: WrittenTable): boolean =>
  descriptor.parentId === SYSTEM_DATABASE_ID;

/** @throws SqlError featureNotSupported (0A000) for keys that cannot be written exactly */
export function writtenTable(table: TableDescriptor, resolveEnum: EnumResolver): WrittenTable {
  const encoding = tableEncoding(table, resolveEnum);
  const indexes: WrittenIndex[] = [];
  const deferred = new Set<number>();
  for (const [i, index] of encoding.indexes.entries()) {
    const encoder = unlessUnwritable(() => compileIndexEncoder(encoding.rows, index));
    if (encoder === undefined) deferred.add(index.id);
    else {
      const predicate = table.indexes[i]?.predicate ?? '';
      const columnIds = indexColumnIds(encoding.rows, index);
      indexes.push({ id: index.id, encoded: index, encoder, columnIds, predicate });
    }
  }
  indexes.sort((a, b) => a.id - b.id);
  const primaryId = encoding.rows.primaryId;
  const rootId = rootOf(table);
  const hasRows = rootId === undefined || rootId === table.id;
  return {
    descriptor: deferred.size === 0 ? table : withDeferred(table, deferred),
    deferredMutationId: deferred.size === 0 ? undefined : table.nextMutationId,
    encoding,
    rows: rowEncoder(table, encoding),
    indexes,
    primaryId,
    rootId,
    indexIds: [...(hasRows ? [primaryId] : []), ...indexes.map(({ id }) => id)],
  };
}

const OTHER_KEY =
  'ALTER TABLE … ALTER PRIMARY KEY USING COLUMNS (…) gives the table one that can be written, of a column with DEFAULT unique_rowid() if need be.';

function rowEncoder(table: TableDescriptor, encoding: TableEncoding): RowEncoder {
  try {
    return new RowEncoder(encoding.rows);
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    throw new SqlError('featureNotSupported', `BACKUP of table "${table.name}": ${error.message}`, {
      hint: `${error.hint ?? ''}. ${OTHER_KEY}`.replace(/^\. /, ''),
    });
  }
}

function unlessUnwritable(make: () => IndexEncoder): IndexEncoder | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof SqlError && error.sqlstate === SQLSTATE.featureNotSupported) {
      return undefined;
    }
    throw error;
  }
}

/** The descriptor with indexes that are still to be built. */
function withDeferred(table: TableDescriptor, deferred: ReadonlySet<number>): TableDescriptor {
  const written = clone(TableDescriptorSchema, table);
  const mutationId = written.nextMutationId;
  written.nextMutationId = mutationId + 1;
  const mutations: DescriptorMutation[] = written.indexes
    .filter(({ id }) => deferred.has(id))
    .map((index) =>
      create(DescriptorMutationSchema, {
        descriptor: { case: 'index', value: index },
        state: DescriptorMutation_State.DELETE_ONLY,
        direction: DescriptorMutation_Direction.ADD,
        mutationId,
      }),
    );
  written.indexes = written.indexes.filter(({ id }) => !deferred.has(id));
  written.mutations.push(...mutations);
  return written;
}

export interface IndexSpan extends KeySpan {
  /** In their order. */
  readonly indexIds: readonly number[];
}

/** Indexes that follow each other have one span, as in CockroachDB. */
export function indexSpans(tableId: number, indexIds: readonly number[]): IndexSpan[] {
  const spans: IndexSpan[] = [];
  for (const id of [...indexIds].sort((a, b) => a - b)) {
    const start = encodeTablePrefix(tableId, id);
    const end = prefixEnd(start);
    const last = spans.at(-1);
    if (last !== undefined && compareKeys(last.end, last.end.length, start, start.length) === 0) {
      spans[spans.length - 1] = { start: last.start, end, indexIds: [...last.indexIds, id] };
    } else spans.push({ start, end, indexIds: [id] });
  }
  return spans;
}
