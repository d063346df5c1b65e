/**
 * What the public can reach, on a local file system: a directory an export, with an index beside the files from which
 * the public server takes types and hashes. So the server needs no database, and what a project links to stays up
 * while PostgreSQL is down.
 */
import { renameSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { isMissing, markDurably, syncFileSystem, writeDurably } from './files.ts';

const Entry = Type.Object({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  size: Type.Integer({ minimum: 0 }),
  media_type: Type.String()
});
export type Entry = Static<typeof Entry>;

/** File name → what is published under it. */
export type Index = ReadonlyMap<string, Entry>;

/** Compiled, for it has an entry for each item. */
const indexFile = Compile(Type.Record(Type.String(), Entry));

/** Neither name can be asked for: the public server serves names of its own pattern only. */
const INDEX = 'index.json';
const CLOSED = 'closed';

export class PublicStore {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Says what will be published below `prefix`, before any of it is. */
  async open(prefix: string, index: Index): Promise<void> {
    await mkdir(join(this.root, prefix), { recursive: true, mode: 0o700 });
    await writeDurably(join(this.root, prefix, INDEX), JSON.stringify(Object.fromEntries(index)));
  }

  /**
   * Moves a file out of quarantine. Where it was moved before, nothing is to do. A rename takes microseconds, less
   * than to wait for it.
   *
   * @throws Error where it is in neither place
   */
  async publish(from: string, prefix: string, name: string): Promise<void> {
    const to = this.pathOf(prefix, name);
    try {
      renameSync(from, to);
    } catch (error) {
      if (!isMissing(error)) {
        throw error;
      }
      await stat(to);
    }
  }

  /** Publishes content that has no file yet: the manifest. */
  async write(prefix: string, name: string, content: string, entry: Entry): Promise<void> {
    const index = await this.index(prefix);
    await writeDurably(this.pathOf(prefix, name), content);
    await this.open(prefix, new Map([...index, [name, entry]]));
  }

  async sync(): Promise<void> {
    await syncFileSystem(this.root);
  }

  pathOf(prefix: string, name: string): string {
    return join(this.root, prefix, name);
  }

  /** @returns what is published below `prefix`; an empty map where nothing is */
  async index(prefix: string): Promise<Index> {
    try {
      const content: unknown = JSON.parse(await readFile(join(this.root, prefix, INDEX), 'utf8'));
      if (!indexFile.Check(content)) {
        throw new Error(`The index of ${prefix} in the public store is damaged.`);
      }
      return new Map(Object.entries(content));
    } catch (error) {
      if (isMissing(error)) {
        return new Map();
      }
      throw error;
    }
  }

  /**
   * Asked at every request, as {@link isClosed}, so that an index is read again only when it is another.
   *
   * @returns what changes with each index of `prefix`, for each is a new file; `undefined` where there is none
   */
  indexVersion(prefix: string): string | undefined {
    const path = join(this.root, prefix, INDEX);
    const file = statSync(path, { bigint: true, throwIfNoEntry: false });
    return file && `${file.ino}:${file.mtimeNs}`;
  }

  /**
   * From now on everything below `prefix` is gone for the public; the files follow with {@link discard}. The API and a
   * worker do it at once where a PI withdraws.
   */
  async close(prefix: string): Promise<void> {
    await mkdir(join(this.root, prefix), { recursive: true, mode: 0o700 });
    await markDurably(join(this.root, prefix, CLOSED));
  }

  /** Asked at every request, so that a withdrawal shows at once: one system call, which waits for nothing. */
  isClosed(prefix: string): boolean {
    return statSync(join(this.root, prefix, CLOSED), { throwIfNoEntry: false }) !== undefined;
  }

  /** Deletes the files below `prefix`. A closed prefix stays closed, and says 410 for ever. */
  async discard(prefix: string): Promise<void> {
    const directory = join(this.root, prefix);
    if (!this.isClosed(prefix)) {
      await rm(directory, { recursive: true, force: true });
      return;
    }
    for (const name of await readdir(directory)) {
      if (name !== CLOSED && name !== INDEX) {
        await rm(join(directory, name), { force: true });
      }
    }
  }
}
