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
      if (order(start, end) < 0) parts.push({ file: chain.locate(layer, file), start, end });
    }
  }
  return parts;
}

/** @throws SqlError undefinedFile (58P01) for a file that the manifest names and that is not there; CorruptionError */
export async function openParts(
  opener: DataFileOpener,
  parts: readonly SpanPart[],
): Promise<SpanFiles> {
  const opened = new Map<string, ExternalFile>();
  const readers = new Map<string, TableReader>();
  const spans: TableSpan[] = [];
  const close = async (): Promise<void> => {
    for (const file of opened.values()) await file.close();
  };
  try {
    for (const { file, start, end } of parts) {
      const id = `${file.uri} ${file.path}`;
      let table = readers.get(id);
      if (table === undefined) {
        const external = await opener.open(file);
        opened.set(id, external);
        table = await TableReader.open(external);
        readers.set(id, table);
      }
      spans.push({ table, start, end });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { spans, description: [...opened.values()].map((file) => file.name).join(', '), close };
}

export async function openSpan(chain: BackupChain, span: KeySpan): Promise<SpanFiles> {
  return await openParts(chain, partsOfSpan(chain, span));
}
