import type { PageFileWriter } from './page-file-writer';

/**
 * The b-tree of a SQLite table WITHOUT ROWID, made of leaves that were built elsewhere, in the order of their keys. Each level above is
 * made when the one below is complete:
 *
 *     interior:  02 | freeblock u16 = 0 | cells u16 | content start u16 | 00 | last child u32 | cell pointers u16 … | free | cells
 *     cell:      child u32 | record length (varint) | record
 *
 * A record between two children is a row of its own. Source: sqlite.org/fileformat2.html, "B-tree Pages".
 */

export interface IndexLeaf {
  readonly page: Uint8Array;
  /** The cell between this leaf and the next one; not used of the last one. At most a quarter of a page. */
  readonly divider: Uint8Array;
}

const INTERIOR = 0x02;
const HEADER = 12;
const POINTER = 2;
const PAGE_NUMBER = 4;

interface Child {
  readonly page: number;
  readonly divider: Uint8Array;
}

export class IndexTree {
  private readonly file: PageFileWriter;
  private readonly leaves: Child[] = [];

  constructor(file: PageFileWriter) {
    this.file = file;
  }

  addLeaf({ page, divider }: IndexLeaf): void {
    this.leaves.push({
      page: this.file.add(page),
      divider: Uint8Array.prototype.slice.call(divider),
    });
  }

  /** Writes the levels above the leaves. @returns the number of the root page */
  finish(): number {
    let level: readonly Child[] = this.leaves;
    while (level.length > 1)
      level = this.group(level).map((children) => this.addInterior(children));
    return (level[0] as Child).page;
  }

  /** As many children a page as fit, two at least: a page without a cell is none. */
  private group(children: readonly Child[]): Child[][] {
    const groups: Child[][] = [];
    let group: Child[] = [];
    let free = this.file.pageBytes - HEADER;
    for (const child of children) {
      // Each child but the page's last one has a cell.
      const size = PAGE_NUMBER + child.divider.length + POINTER;
      group.push(child);
      if (size <= free) free -= size;
      else {
        groups.push(group);
        group = [];
        free = this.file.pageBytes - HEADER;
      }
    }
    if (group.length > 0) groups.push(group);
    const last = groups.at(-1);
    const moved = last?.length === 1 ? groups.at(-2)?.pop() : undefined;
    if (moved !== undefined) last?.unshift(moved);
    return groups;
  }

  private addInterior(children: readonly Child[]): Child {
    const { pageBytes } = this.file;
    const page = Buffer.alloc(pageBytes);
    const last = children.at(-1) as Child;
    let content = pageBytes;
    for (const [i, child] of children.slice(0, -1).entries()) {
      content -= PAGE_NUMBER + child.divider.length;
      page.writeUInt16BE(content, HEADER + i * POINTER);
      page.writeUInt32BE(child.page, content);
      page.set(child.divider, content + PAGE_NUMBER);
    }
    page[0] = INTERIOR;
    page.writeUInt16BE(children.length - 1, 3);
    page.writeUInt16BE(content, 5);
    page.writeUInt32BE(last.page, HEADER - PAGE_NUMBER);
    return { page: this.file.add(page), divider: last.divider };
  }
}
