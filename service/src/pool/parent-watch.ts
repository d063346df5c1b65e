/** A thread that kills its process once the process of the pool is no longer its parent. */
import { workerData } from 'node:worker_threads';

const EVERY_MS = 500;

const parent: unknown = workerData;

setInterval(() => {
  if (process.ppid !== parent) {
    process.kill(process.pid, 'SIGKILL');
  }
}, EVERY_MS);
