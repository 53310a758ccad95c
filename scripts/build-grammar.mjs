// Compiles sql/parse/grammar/*.ne to sql/parse/gen/*.ts. The output is checked in: tests need no build.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const nearley = require('nearley');
const compile = require('nearley/lib/compile');
const generate = require('nearley/lib/generate');
const lint = require('nearley/lib/lint');
const language = require('nearley/lib/nearley-language-bootstrapped');

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'sql/parse');

for (const name of ['cockroach', 'ddl', 'privileges']) build(name);

function build(name) {
  const input = join(folder, `grammar/${name}.ne`);
  const output = join(folder, `gen/${name}.ts`);
  const parser = new nearley.Parser(nearley.Grammar.fromCompiled(language));
  parser.feed(`${readFileSync(input, 'utf8')}\n`);
  const compiled = compile(parser.results[0], { args: [input], file: input, version: 'nearley' });
  lint(compiled, { out: process.stderr, version: 'nearley' });

  const header =
    `// Made by scripts/build-grammar.mjs from sql/parse/grammar/${name}.ne: change that file, then run \`npm run grammar\`.\n` +
    '// @ts-nocheck: nearley types everything it writes as any.\n';
  // nearley names its version and time nowhere in the output, so the same grammar gives the same file.
  const text =
    header +
    generate(compiled, 'grammar')
      .replace(/^\/\/ Generated automatically.*\n(?:\/\/.*\n)*/, '')
      .replace(/^declare var .*\n/gm, '');

  if (process.argv.includes('--check')) {
    if (readFileSync(output, 'utf8') !== text) {
      console.error(`sql/parse/gen/${name}.ts is out of date: run \`npm run grammar\``);
      process.exitCode = 1;
    }
  } else writeFileSync(output, text);
}
