import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { connectStore } from '../../../storage/ranges/connection';
import { RemoteWriteLock } from '../../../storage/ranges/remote-write-lock';
import { setWriteTime } from '../../../storage/ranges/write-time';

/** Takes the write lock, opens a transaction, writes, and dies in it when told to. */
const { directory, port, end } = workerData as {
  directory: string;
  port: MessagePort;
  end: 'terminate' | 'exit';
};

async function main(): Promise<void> {
  const db = connectStore(directory);
  await new RemoteWriteLock(port).acquire('worker');
  db.exec('BEGIN IMMEDIATE');
  setWriteTime(db, 1n);
  db.exec("INSERT INTO settings VALUES ('from the worker', '', '', 0)");
  parentPort?.on('message', () => {
    if (end === 'exit') process.exit(1);
  });
  parentPort?.postMessage('holding');
}

void main();
