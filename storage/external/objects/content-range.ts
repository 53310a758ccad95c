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
