import { PAGE_BYTES, PageFileWriter } from './page-file-writer';
import type { RecordBuilder } from './record-builder';
import { STAGED_TABLE, schemaPage } from './schema-page';
import { type TableLeaf, TableTree } from './table-tree';

/** Of its pages, unless another size is asked for. */
export const STAGED_PAGE_BYTES = PAGE_BYTES;

/**
 * A SQLite database of one table with columns without types, filled row by row from its beginning to its end:
 *
 *     page 1         the database's header and the schema
 *     page 2 …       leaves and overflow pages, then the levels above: table-tree.ts
 *
 * Nothing is synced and no journal kept: after a crash the file is thrown away.
 */
export class StagingFile {
  readonly path: string;
  private readonly columns: readonly string[];
  private readonly pages: PageFileWriter;
  private readonly tree: TableTree;

  /**
   * @param columns names as SQL writes them, quoted where they have to be
   * @throws SqlError diskFull (53100), ioError (58030), as all methods do
   */
  constructor(path: string, columns: readonly string[], pageBytes?: number) {
    this.path = path;
    this.columns = columns;
    this.pages = new PageFileWriter(path, pageBytes);
    this.tree = new TableTree(this.pages);
  }

  get rowCount(): number {
    return this.tree.rowCount;
  }

  get sizeBytes(): number {
    return this.pages.pageCount * this.pages.pageBytes;
  }

  /** Adds a row of one value a column. */
  add(record: RecordBuilder): void {
    this.tree.add(record);
  }

  /** Adds a leaf of `STAGED_PAGE_BYTES` that was built elsewhere; not to be mixed with `add`. */
  addLeaf(leaf: TableLeaf): void {
    this.tree.addLeaf(leaf);
  }

  finish(): void {
    const root = this.tree.finish();
    const sql = `CREATE TABLE ${STAGED_TABLE} (${this.columns.join(', ')})`;
    this.pages.finish(schemaPage(sql, root, this.pages));
  }

  close(): void {
    this.pages.close();
  }
}
