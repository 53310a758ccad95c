import { parentPort } from 'node:worker_threads';
import { defined } from '../../../base/invariant';
import { KnownObjects } from '../objects/known-objects';
import { openStorage } from '../open-storage';
import type { OpenMessage } from './messages';
import { serveStorage } from './serve-storage';

/** Entry point of the thread in which the vendors' clients live: they are loaded, and warm up, once for the process. */

const knownObjects = new KnownObjects();
const parent = defined(parentPort, 'parent port: this file is a thread');

parent.on('message', ({ uri, options, port }: OpenMessage) => {
  const here = { ...options, objectThread: false, knownObjects };
  serveStorage(port, (signal) => openStorage(uri, { ...here, signal }));
});
