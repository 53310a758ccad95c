import type { Readable } from 'node:stream';
import type { UnknownBody, UnknownRange } from './object-driver';

/**
 * `bytes 5-9/10`: where a body begins and how large the whole is.
 * @throws Error for anything else; the attempt fails
 */
export function totalOfContentRange(header: string): {
  readonly offset: number;
  readonly sizeBytes: number | undefined;
} {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/.exec(header);
  if (match === null) throw new Error(`Content-Range "${header.slice(0, 100)}" makes no sense`);
  const [, start, total] = match;
  return { offset: Number(start), sizeBytes: total === '*' ? undefined : Number(total) };
}

/** As a header has it; undefined: all. */
export function rangeHeader(which: UnknownRange): string | undefined {
  if (which === 'whole') return undefined;
  return 'first' in which ? `bytes=0-${which.first - 1}` : `bytes=-${which.last}`;
}

/**
 * A body and what its headers say of the object. @param contentRange undefined: it is the whole object
 * @returns undefined when they do not tell the size
 */
export function unknownBody(
  stream: Readable,
  contentRange: string | undefined,
  contentLength: number | undefined,
  version = '',
): UnknownBody | undefined {
  try {
    const { offset, sizeBytes } =
      contentRange === undefined
        ? { offset: 0, sizeBytes: contentLength }
        : totalOfContentRange(contentRange);
    if (sizeBytes !== undefined) return { stream, offset, stat: { sizeBytes, version } };
  } catch (error) {
    stream.destroy();
    throw error;
  }
  stream.destroy();
  return undefined;
}
