// Runs the benchmarks whose name matches: `npm run bench -- restore`. Without a word, all of them.
// A benchmark is a file `bench/<layer>/<name>.mjs` that exports `run()`; see bench/README.md.
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('.', import.meta.url));
const pattern = new RegExp(process.argv[2] ?? '');

const names = readdirSync(root)
  .filter((entry) => statSync(join(root, entry)).isDirectory())
  .flatMap((layer) =>
    readdirSync(join(root, layer))
      .filter((file) => file.endsWith('.mjs'))
      .map((file) => `${layer}/${file.replace(/\.mjs$/, '')}`),
  )
  .filter((name) => pattern.test(name));

if (names.length === 0) {
  console.error(`no benchmark matches ${pattern}`);
  process.exitCode = 1;
}
for (const name of names) {
  console.log(`\n== ${name}`);
  const { run } = await import(pathToFileURL(join(root, `${name}.mjs`)).href);
  await run();
}
