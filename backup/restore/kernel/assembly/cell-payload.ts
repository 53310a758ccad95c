/**
 * The largest payload that a leaf's page holds entirely; a longer one has overflow pages: storage/staging/cell-payload.ts.
 * @param isTable with rowids; else rows lie in an index
 */
export function payloadMax(pageBytes: u32, isTable: bool): u32 {
  return isTable ? pageBytes - 35 : ((pageBytes - 12) * 64) / 255 - 23;
}
