import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { TemporaryFile } from '../../base/temporary-file';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ootheca-temporary-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was appended is read from anywhere, and no name is left', () => {
  const file = new TemporaryFile(directory);
  file.append(Buffer.from('abc'));
  file.append(Buffer.from('defg'));
  expect(file.size).toBe(7);
  const into = Buffer.alloc(4);
  file.read(into, 2);
  expect(into.toString()).toBe('cdef');
  expect(() => file.read(into, 4)).toThrow('has no byte 7');
  expect(readdirSync(directory)).toEqual([]);
  file.close();
});

test('a directory that is not there', () => {
  expect(() => new TemporaryFile(join(directory, 'missing'))).toThrow('ENOENT');
});
