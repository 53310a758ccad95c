/** Replaces a stretch of a text. Edits of one text do not overlap and come in order. */
export interface Edit {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly text: string;
}

/**
 * A part of a text after edits, with the way back: from byte offsets (nodes of PostgreSQL's tree) and code points (its errors) to
 * offsets in the original.
 */
export class EditedText {
  readonly text: string;
  /** Offsets in `text` and in the original where a stretch begins; a copied and a replaced one alternate. */
  private readonly edited: number[] = [];
  private readonly original: number[] = [];
  private readonly copied: boolean[] = [];
  /** Byte offset of each UTF-16 code unit, only when the text is not ASCII. */
  private readonly bytes: Uint32Array | null;

  constructor(source: string, start: number, end: number, edits: readonly Edit[]) {
    let text = '';
    let from = start;
    for (const edit of edits) {
      this.begin(text.length, from, true);
      text += source.slice(from, edit.start);
      this.begin(text.length, edit.start, false);
      text += edit.text;
      from = edit.end;
    }
    this.begin(text.length, from, true);
    this.text = text + source.slice(from, end);
    this.bytes = byteOffsets(this.text);
  }

  private begin(edited: number, original: number, copied: boolean): void {
    this.edited.push(edited);
    this.original.push(original);
    this.copied.push(copied);
  }

  originalOfByte(offset: number): number {
    return this.originalOf(this.bytes === null ? offset : lowerBound(this.bytes, offset));
  }

  originalOfCodePoint(count: number): number {
    if (this.bytes === null) return this.originalOf(count);
    let at = 0;
    for (let i = 0; i < count && at < this.text.length; i++) {
      at += (this.text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
    }
    return this.originalOf(at);
  }

  /** Offsets inside a replacement map to where it starts. */
  private originalOf(offset: number): number {
    let index = upperBound(this.edited, offset) - 1;
    // An empty stretch shares its offset with the next one; upperBound found the last of them.
    if (index < 0) index = 0;
    const base = this.original[index] ?? 0;
    return this.copied[index] === true ? base + offset - (this.edited[index] ?? 0) : base;
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
const ASCII = /^[\x00-\x7f]*$/;

function byteOffsets(text: string): Uint32Array | null {
  if (ASCII.test(text)) return null;
  const offsets = new Uint32Array(text.length + 1);
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    offsets[i] = bytes;
    const code = text.charCodeAt(i);
    if (code < 0x80) bytes += 1;
    else if (code < 0x800) bytes += 2;
    else if ((code & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) {
      bytes += 4;
      i++;
      offsets[i] = bytes;
    } else bytes += 3;
  }
  offsets[text.length] = bytes;
  return offsets;
}

/** Index of the first element that is not below `value`. */
function lowerBound(sorted: Uint32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first element above `value`. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
