import { notSupported, SqlError } from '../../base/errors';
import { BYTES, INT8, STRING } from '../../catalog/types/table';
import type { ExternalStorage } from '../../storage/external/external-storage';
import { openStorage } from '../../storage/external/open-storage';
import { parseLocation } from '../../storage/external/uri';
import type { ResultColumn } from '../engine';
import type { FileStatement } from '../parse/ast';
import { requireLocations } from '../privileges/external-access';
import { abandonUpload, holdUpload, takeUpload, uploadOf } from '../session/uploads';
import type { StatementContext } from './statement-context';
import { cleanUpStorage, statementStorage } from './statement-storage';
import { columnsOf, type TableResult } from './table-result';

/** FILE: files of `userfile` and `nodelocal`, moved by `ootheca userfile` and `ootheca nodelocal`. */

type Of<K extends FileStatement['kind']> = Extract<FileStatement, { kind: K }>;

const SCHEMES: ReadonlySet<string> = new Set(['userfile', 'nodelocal']);

/** Of a file, in one answer. */
const PIECE_BYTES = 1 << 20;

const LIST_COLUMNS = columnsOf(['path', STRING]);
const PIECE_COLUMNS = columnsOf(['data', BYTES], ['size', INT8]);

export const fileReadColumns = ({ offset }: Of<'FileRead'>): readonly ResultColumn[] =>
  offset === null ? LIST_COLUMNS : PIECE_COLUMNS;

/** The directory of a URL's file and the file's name. */
function fileOf(uri: string, context: StatementContext): { directory: string; name: string } {
  requireLocations(context, [uri], 'UPLOAD');
  const { scheme, rawPath } = parseLocation(uri);
  if (!SCHEMES.has(scheme)) throw notSupported(`FILE with ${scheme} URLs`);
  const name = rawPath.slice(rawPath.lastIndexOf('/') + 1);
  const end = uri.lastIndexOf(name);
  return { directory: uri.slice(0, end), name: decodeURIComponent(name) };
}

function named({ name }: { name: string }): string {
  if (name !== '') return name;
  throw new SqlError('invalidParameterValue', 'the URL names no file');
}

export async function writeFileStatement(
  { action, argument }: Of<'FileWrite'>,
  context: StatementContext,
): Promise<string> {
  const text = argument === null ? '' : context.text(argument);
  if (context.inTransactionBlock) {
    throw new SqlError('activeSqlTransaction', 'FILE cannot be used inside a transaction');
  }
  switch (action) {
    case 'put': {
      const file = fileOf(text, context);
      await abandonUpload(context.settings);
      // It outlives the statement: END or the end of the session are what ends it.
      const storage = await openStorage(file.directory, cleanUpStorage(context));
      try {
        const writer = await storage.create(named(file));
        holdUpload(context.settings, { storage, writer });
      } catch (error) {
        await storage.close();
        throw error;
      }
      break;
    }
    case 'data': {
      const upload = uploadOf(context.settings);
      if (upload === undefined) throw noUpload();
      await upload.writer.write(Buffer.from(text, 'base64'));
      break;
    }
    case 'end': {
      const upload = takeUpload(context.settings);
      if (upload === undefined) throw noUpload();
      try {
        await upload.writer.finish();
      } finally {
        await upload.writer.abort();
        await upload.storage.close();
      }
      break;
    }
    case 'delete': {
      const file = fileOf(text, context);
      await withStorage(file.directory, context, async (storage) => {
        const found = await storage.open(named(file));
        await found.close();
        await storage.delete(file.name);
      });
    }
  }
  return 'FILE';
}

const noUpload = (): SqlError =>
  new SqlError('objectNotInPrerequisiteState', 'this session is not uploading a file');

export async function readFileStatement(
  statement: Of<'FileRead'>,
  context: StatementContext,
): Promise<TableResult> {
  const uri = context.text(statement.uri);
  if (statement.offset === null) {
    fileOf(uri, context);
    return await withStorage(uri, context, async (storage) => {
      const paths: string[][] = [];
      for await (const path of storage.list('')) paths.push([path]);
      return { columns: LIST_COLUMNS, rows: paths };
    });
  }
  const offset = Number(context.text(statement.offset));
  const found = fileOf(uri, context);
  return await withStorage(found.directory, context, async (storage) => {
    const file = await storage.open(named(found));
    try {
      const end = Math.min(file.sizeBytes, offset + PIECE_BYTES);
      const bytes = await file.read(offset, end);
      const row = [bytes, BigInt(file.sizeBytes)];
      return { columns: PIECE_COLUMNS, rows: [row] };
    } finally {
      await file.close();
    }
  });
}

async function withStorage<T>(
  uri: string,
  context: StatementContext,
  body: (storage: ExternalStorage) => Promise<T>,
): Promise<T> {
  const storage = await openStorage(uri, statementStorage(context));
  try {
    return await body(storage);
  } finally {
    await storage.close();
  }
}
