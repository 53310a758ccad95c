// Regenerates catalog/descriptor/gen, backup/format/gen and jobs/schedules/gen from the .proto files beside them.
// The results are checked in: building the package needs neither this script nor its tools.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const folders = ['catalog/descriptor', 'backup/format', 'jobs/schedules'];
const out = mkdtempSync(join(tmpdir(), 'build-proto-'));

const template = {
  version: 'v2',
  plugins: [
    {
      local: bin('protoc-gen-es'),
      out,
      opt: ['target=ts', 'import_extension=none', 'erasable_syntax=true'],
    },
  ],
};
try {
  execFileSync(
    bin('buf'),
    [
      'generate',
      '--template',
      JSON.stringify(template),
      ...folders.flatMap((folder) => ['--path', `${folder}/proto`]),
    ],
    { cwd: root, stdio: 'inherit' },
  );
  for (const folder of folders) {
    for (const name of readdirSync(join(out, folder, 'proto'))) {
      const text = readFileSync(join(out, folder, 'proto', name), 'utf8');
      // Sources lie in proto/, results in gen/.
      writeFileSync(
        join(root, folder, 'gen', name),
        text.replace(/\/proto\/(\w+_pb")/g, '/gen/$1'),
      );
    }
  }
} finally {
  rmSync(out, { recursive: true });
}
