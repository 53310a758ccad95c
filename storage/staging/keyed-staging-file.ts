import { type IndexLeaf, IndexTree } from './index-tree';
import { PageFileWriter } from './page-file-writer';
import { schemaPage } from './schema-page';

/**
 * A SQLite database of one table WITHOUT ROWID, made of leaves that were built elsewhere, in the order of its key. Into an empty table of
 * the same declaration SQLite copies its records as they are.
 */
export class KeyedStagingFile {
  private readonly sql: string;
  private readonly pages: PageFileWriter;
  private readonly tree: IndexTree;

  /**
   * @param sql CREATE TABLE of STAGED_TABLE
   * @throws SqlError diskFull (53100), ioError (58030), as all methods do
   */
  constructor(path: string, sql: string) {
    this.sql = sql;
    this.pages = new PageFileWriter(path);
    this.tree = new IndexTree(this.pages);
  }

  addLeaf(leaf: IndexLeaf): void {
    this.tree.addLeaf(leaf);
  }

  finish(): void {
    this.pages.finish(schemaPage(this.sql, this.tree.finish(), this.pages));
  }

  close(): void {
    this.pages.close();
  }
}
