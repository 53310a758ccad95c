import type { ExternalStorage, ExternalWriter } from '../../storage/external/external-storage';

/** The file that a session is uploading, between its `FILE PUT` and its `FILE END`. */
export interface Upload {
  readonly storage: ExternalStorage;
  readonly writer: ExternalWriter;
}

const uploads = new WeakMap<object, Upload>();

/** @param session its settings: they are its own, and live as long */
export const uploadOf = (session: object): Upload | undefined => uploads.get(session);

export function holdUpload(session: object, upload: Upload): void {
  uploads.set(session, upload);
}

/** @returns what was held: it is the caller's now */
export function takeUpload(session: object): Upload | undefined {
  const upload = uploads.get(session);
  uploads.delete(session);
  return upload;
}

/** Nothing of it remains. */
export async function abandonUpload(session: object): Promise<void> {
  const upload = takeUpload(session);
  await upload?.writer.abort();
  await upload?.storage.close();
}
