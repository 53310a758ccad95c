// Compiles the kernels' assembly/ to gen/ beside it. The output is checked in: builds and tests need no compiler.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const kernels = [
  { folder: 'backup/restore/kernel', output: 'gen/row-kernel.ts' },
  { folder: 'backup/backup/kernel', output: 'gen/pair-kernel.ts' },
];

/** The text of a kernel's output. */
async function compileKernel(folder) {
  let wasm;
  const flags = ['--runtime', 'stub', '--noAssert', '-O3', '--outFile', 'kernel.wasm'];
  const { error, stderr } = await asc.main(
    [`${folder}/assembly/index.ts`, '--baseDir', root, ...flags],
    {
      writeFile(_name, contents) {
        wasm = contents;
      },
    },
  );
  if (error !== null) throw new Error(`${error.message}\n${stderr}`);
  const base64 = Buffer.from(wasm)
    .toString('base64')
    .replace(/.{1,96}/g, "  '$&' +\n");
  return (
    '// Made by scripts/build-kernel.mjs from ../assembly: change that, then run `npm run kernel`.\n\n' +
    `/** A WebAssembly module, in base64. */\nexport const KERNEL =\n${base64.replace(/ \+\n$/, ';\n')}`
  );
}

for (const { folder, output } of kernels) {
  const path = join(root, folder, output);
  const text = await compileKernel(folder);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    console.error(`${folder}/${output} is out of date: run \`npm run kernel\``);
    process.exitCode = 1;
  }
}
