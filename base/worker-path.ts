import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * The compiled file of a worker thread's entry point. Threads run JavaScript only: under jest, which runs the sources, the
 * path leads into `dist/`, so the package has to be built first.
 * @param folder `__dirname` of the caller
 * @param name of the entry file beside the caller, without extension
 */
export function workerPath(folder: string, name: string): string {
  const beside = join(folder, `${name}.js`);
  if (existsSync(beside)) return beside;
  const root = join(__dirname, '..');
  return join(root, 'dist', relative(root, folder), `${name}.js`);
}
