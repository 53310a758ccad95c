import { invariant } from '../../base/invariant';
import { RecordReader, SERIAL_INT64, SERIAL_NULL, sizeOfType } from '../staging/record-reader';

/** Where the values of a table's records go. */
export interface RecordLayout {
  /** By position in the record; `NO_SLOT`: nobody asks for it. */
  readonly slots: Uint16Array;
  /** Of the rowid, which is not in the record. */
  readonly rowidSlot: number | undefined;
}

export const NO_SLOT = 0xffff;

/** Bytes that a buffer of records has left at its end: the reader puts rowids there. */
export const ROWID_BYTES = 8;

/** Reads the records of a table as SQLite keeps them. Slots that have no value in it are NULL. */
export class StoredRecordReader extends RecordReader {
  private readonly layout: RecordLayout;
  private position = 0;

  constructor(slotCount: number, layout: RecordLayout) {
    super(slotCount);
    this.layout = layout;
  }

  override reset(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.position = at;
    const { types, starts, layout } = this;
    types.fill(SERIAL_NULL);
    const headerEnd = at + this.varint();
    let start = headerEnd;
    for (let i = 0; this.position < headerEnd; i++) {
      const type = this.varint();
      const slot = layout.slots[i] ?? NO_SLOT;
      if (slot !== NO_SLOT) {
        types[slot] = type;
        starts[slot] = start;
      }
      start += sizeOfType(type);
    }
    invariant(this.position === headerEnd, 'the header of a record ends with a value');
  }

  private varint(): number {
    const { bytes } = this;
    let value = 0;
    let byte: number;
    do {
      byte = bytes[this.position++] as number;
      value = value * 0x80 + (byte & 0x7f);
    } while (byte >= 0x80);
    return value;
  }

  /** Moves to a row of which nothing is known but its rowid. @param bytes see `setRowid` */
  resetToRowid(rowid: bigint, bytes: Buffer): void {
    this.bytes = bytes;
    this.types.fill(SERIAL_NULL);
    this.setRowid(rowid);
  }

  /** After `reset`. The last bytes of the record's buffer are overwritten. */
  setRowid(rowid: bigint): void {
    const { rowidSlot } = this.layout;
    if (rowidSlot === undefined) return;
    const at = this.bytes.length - ROWID_BYTES;
    this.bytes.writeBigInt64BE(rowid, at);
    this.types[rowidSlot] = SERIAL_INT64;
    this.starts[rowidSlot] = at;
  }
}
