import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Jobs of BACKUP, and what they have written. @param query of the server that runs them, at the moment @param io its external-io-dir */
export function backupJobs(query: (sql: string) => string, io: string) {
  const statusOf = (job: string): string =>
    query(`SELECT status FROM [SHOW JOBS] WHERE job_id = ${job}`);
  return {
    statusOf,
    /** @returns which of the statuses it has come to */
    until: async (job: string, ...wanted: string[]): Promise<string> => {
      for (let status = statusOf(job); ; status = statusOf(job)) {
        if (wanted.includes(status)) return status;
        await sleep(20);
      }
    },
    /** The layer's directory. */
    placeOf: (collection: string, job: string): string => {
      const description = query(`SELECT description FROM [SHOW JOBS] WHERE job_id = ${job}`);
      return join(io, collection, /INTO '(.*?)'/.exec(description)?.[1] ?? '');
    },
  };
}

/** Which file it is, by name: one that was written again is another. @param place directory of a layer */
export const dataFiles = (place: string): Map<string, string> =>
  new Map(
    (existsSync(place) ? readdirSync(place) : [])
      .filter((name) => /^\d+\.sst$/.test(name))
      .map((name) => {
        const { ino, mtimeMs } = statSync(join(place, name));
        return [name, `${ino} ${mtimeMs}`];
      }),
  );
