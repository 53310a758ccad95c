// Writes docs/builtins.md from the builtin tables. Run after `npm run build`.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import coverage from '../dist/sql/builtins/inventory/coverage.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
writeFileSync(join(root, 'docs', 'builtins.md'), coverage.coverageDocument());
