#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CertificateError } from './auth/certs-dir';
import { runFiles } from './files/run-files';
import { HELP, parseFlags } from './flags';
import { type OpenEngine, runServer, StartupError } from './run-server';
import { processIo, runSqlClient } from './sql-client/run-sql-client';
import { UsageError } from './usage-error';

/** From the nearest package.json: one folder up in the sources, two in dist/. */
function packageVersion(): string {
  for (const up of ['..', join('..', '..')]) {
    try {
      const text = readFileSync(join(__dirname, up, 'package.json'), 'utf8');
      const parsed: unknown = JSON.parse(text);
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) {
        return String(parsed.version);
      }
    } catch {
      // Look one folder further up.
    }
  }
  return 'unknown';
}

/** Loaded when it is needed: `version` and `help` need no engine. */
const openEngine: OpenEngine = async (options) => {
  const module = require('../sql/open-engine') as { readonly openEngine: OpenEngine };
  return module.openEngine(options);
};

/** @returns the exit code. */
export async function main(
  argv: readonly string[],
  open: OpenEngine = openEngine,
): Promise<number> {
  try {
    const flags = parseFlags(argv);
    switch (flags.command) {
      case 'help':
        process.stdout.write(HELP);
        return 0;
      case 'version':
        process.stdout.write(`ootheca ${packageVersion()}\n`);
        return 0;
      case 'cert': {
        const { runCert } = require('./cert/run-cert') as typeof import('./cert/run-cert');
        runCert(flags, (line) => process.stdout.write(`${line}\n`));
        return 0;
      }
      case 'sql':
        return await runSqlClient(flags, processIo());
      case 'files':
        return await runFiles(flags, process.stdout, process.stderr);
      case 'start':
        return await runServer(flags, open);
    }
  } catch (error) {
    if (
      error instanceof UsageError ||
      error instanceof StartupError ||
      error instanceof CertificateError
    ) {
      process.stderr.write(`ootheca: ${error.message}\n`);
      return error instanceof UsageError ? 2 : 1;
    }
    throw error;
  }
}

/** What a process does with `main`: exit codes and errors that nobody caught. */
export function runMain(open: OpenEngine = openEngine): void {
  const crash = (error: unknown): void => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`ootheca: internal error: ${text}\n`);
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  main(process.argv.slice(2), open).then((code) => process.exit(code), crash);
}

if (require.main === module) runMain();
