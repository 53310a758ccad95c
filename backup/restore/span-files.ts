import { mapConcurrently } from '../../base/concurrently';
import { defined } from '../../base/invariant';
import type { ExternalFile } from '../../storage/external/external-storage';
import type { BackupChain } from '../chain';
import type { DataFile, DataFileOpener } from '../data-files';
import { compareKeys } from '../format/compare-keys';
import type { TableSpan } from '../format/mvcc/table-cursor';
import { TableReader } from '../format/sstable/table-reader';
import type { KeySpan } from './coverage';

/** The part of a data file that its manifest entry covers and that lies in a span. Plain data. */
export interface SpanPart extends KeySpan {
  readonly file: DataFile;
}

/** The SSTables of all layers that hold keys of a span, opened. */
export interface SpanFiles {
  readonly spans: readonly TableSpan[];
  /** The files' names, for errors and SHOW RANGES. */
  readonly description: string;
  close(): Promise<void>;
}

const order = (a: Uint8Array, b: Uint8Array): number => compareKeys(a, a.length, b, b.length);
const later = (a: Uint8Array, b: Uint8Array): Uint8Array => (order(a, b) < 0 ? b : a);
const earlier = (a: Uint8Array, b: Uint8Array): Uint8Array => (order(a, b) < 0 ? a : b);

export function partsOfSpan(chain: BackupChain, span: KeySpan): SpanPart[] {
  const parts: SpanPart[] = [];
  for (const layer of chain.layers) {
    for (const file of layer.manifest.files) {
      if (file.path === '' || file.span === undefined) continue;
      const start = later(file.span.key, span.start);
      const end = earlier(file.span.endKey, span.end);
      if (order(start, end) >= 0) continue;
      const isAll = start === file.span.key && end === file.span.endKey;
      const isWanted = isAll && !chain.isShared(layer, file);
      parts.push({ file: { ...chain.locate(layer, file), isWanted }, start, end });
    }
  }
  return parts;
}

/** @throws SqlError undefinedFile (58P01) for a file that the manifest names and that is not there; CorruptionError */
export async function openParts(
  opener: DataFileOpener,
  parts: readonly SpanPart[],
): Promise<SpanFiles> {
  const files = new Map(parts.map(({ file }) => [idOf(file), file]));
  const opened: ExternalFile[] = [];
  const close = async (): Promise<void> => {
    for (const file of opened) await file.close();
  };
  try {
    const tables = await mapConcurrently([...files], FILES_AT_ONCE, async ([id, file]) => {
      const external = await opener.open(file);
      opened.push(external);
      return [id, await TableReader.open(external)] as const;
    });
    const readers = new Map(tables);
    const spans = parts.map(({ file, start, end }) => {
      const table = defined(readers.get(idOf(file)), 'an opened file');
      return { table, start, end };
    });
    return { spans, description: tables.map(([, { file }]) => file.name).join(', '), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Files that are opened side by side. */
const FILES_AT_ONCE = 8;

const idOf = ({ uri, path }: DataFile): string => `${uri} ${path}`;

export async function openSpan(chain: BackupChain, span: KeySpan): Promise<SpanFiles> {
  return await openParts(chain, partsOfSpan(chain, span));
}
