/**
 * Where checked bytes wait for a decision. No server serves it. A file's place follows from its export and dataset
 * alone, so that writing it again after a crash leaves no second copy.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFileSystem } from './files.ts';

export class Quarantine {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Makes room for an export. */
  async prepare(prefix: string): Promise<void> {
    await mkdir(join(this.root, prefix), { recursive: true, mode: 0o700 });
  }

  /** The file of one dataset. */
  pathOf(prefix: string, datasetId: string): string {
    return join(this.root, prefix, datasetId);
  }

  /** Where the member of a zip waits to be checked. */
  incomingPathOf(prefix: string, datasetId: string): string {
    return `${this.pathOf(prefix, datasetId)}.incoming`;
  }

  /** Makes what was written durable; only after it may the ledger say so. */
  async sync(): Promise<void> {
    await syncFileSystem(this.root);
  }

  /** Deletes the files of these datasets. */
  async remove(prefix: string, datasetIds: readonly string[]): Promise<void> {
    for (const id of datasetIds) {
      await rm(this.pathOf(prefix, id), { force: true });
      await rm(this.incomingPathOf(prefix, id), { force: true });
    }
  }

  /** Deletes all that an export holds here. */
  async discard(prefix: string): Promise<void> {
    await rm(join(this.root, prefix), { recursive: true, force: true });
  }
}
