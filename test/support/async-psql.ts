import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ServerAddress } from './ootheca-process';

const run = promisify(execFile);

/** As `OothecaProcess.psql`, for tests that serve something themselves while the statements run. */
export async function asyncPsql(
  server: ServerAddress,
  database: string,
  statements: readonly string[],
): Promise<string> {
  const commands = statements.flatMap((statement) => ['-c', statement]);
  const flags = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '--csv', '-P', 'null=\\N'];
  const options = { maxBuffer: 1 << 30 };
  return (await run('psql', [...flags, server.url(database), ...commands], options)).stdout;
}
