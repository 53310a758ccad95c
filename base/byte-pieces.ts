const PIECE_BYTES_MIN = 16 << 10;
/** The allocator gives memory of this size back as soon as it is free. */
const PIECE_BYTES_MAX = 1 << 20;

/** Bytes that become more and more, in a few large pieces: they are neither copied to grow nor scattered. */
export class BytePieces {
  private readonly finished: Uint8Array[] = [];
  private piece = Buffer.alloc(0);
  private used = 0;

  /** @returns the next `length` bytes, to be filled by the caller */
  take(length: number): Buffer {
    if (this.used + length > this.piece.length) {
      this.endPiece();
      const grown = Math.min(PIECE_BYTES_MAX, Math.max(PIECE_BYTES_MIN, this.piece.length * 2));
      this.piece = Buffer.allocUnsafeSlow(Math.max(length, grown));
    }
    const at = this.used;
    this.used += length;
    return this.piece.subarray(at, this.used);
  }

  private endPiece(): void {
    if (this.used > 0) this.finished.push(this.piece.subarray(0, this.used));
    this.used = 0;
  }

  /** All of them, in order. Nothing may be taken afterwards. */
  finish(): Uint8Array[] {
    this.endPiece();
    return this.finished;
  }
}
