/** How much of a row lies in the cell of a page. Source: sqlite.org/fileformat2.html, "Cell Payload Overflow Pages". */

/** The number of an overflow page, which follows what a page has of a payload. */
const PAGE_NUMBER_BYTES = 4;

/** The largest payload that a cell of a table with rowids holds entirely. */
export const tablePayloadMax = (pageBytes: number): number => pageBytes - 35;

/** The same of an index. */
export const indexPayloadMax = (pageBytes: number): number =>
  Math.floor(((pageBytes - 12) * 64) / 255) - 23;

/** @param most `tablePayloadMax` or `indexPayloadMax` @returns bytes in the cell; the rest is in overflow pages */
export function localPayload(length: number, most: number, pageBytes: number): number {
  if (length <= most) return length;
  const least = Math.floor(((pageBytes - 12) * 32) / 255) - 23;
  const fitting = least + ((length - least) % (pageBytes - PAGE_NUMBER_BYTES));
  return fitting <= most ? fitting : least;
}
