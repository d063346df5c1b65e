/** The repositories that the operator named, each with a child that is started when it is needed and again when it dies. */
import type { Logger } from 'pino';
import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import type { Settings } from '../config.ts';
import type { Pick } from '../grants/ownership.ts';
import { BridgeClient, BridgeUnavailable } from './client.ts';
import { ListEnd, ListPart, Resolved, Retrieved, type ListedItem, type Run } from './messages.ts';

export interface Listing {
  readonly items: readonly ListedItem[];
  /** URIs of the datastore's roots, each ending in `/`: the repository's own configuration. */
  readonly roots: readonly string[];
  /** Where the run's files lie below a root; `null` for a name that could lead elsewhere. */
  readonly runDirectory: string | null;
}

/** Compiled, for a list may have tens of thousands of items: twenty times as quick. */
const listPart = Compile(ListPart);

export class Bridges {
  readonly #restarts: Map<string, number>;
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #clients = new Map<string, BridgeClient>();

  constructor(settings: Settings, logger: Logger) {
    this.#settings = settings;
    this.#logger = logger;
    this.#restarts = new Map(settings.repositories.map(({ label }) => [label, 0]));
  }

  /** How often the child of each repository was started again, for whoever watches the service. */
  get restarts(): ReadonlyMap<string, number> {
    return this.#restarts;
  }

  /** Opens every repository, so that the first PI does not wait for it; a failure is told to whoever asks later. */
  warm(): void {
    for (const { label } of this.#settings.repositories) {
      this.#client(label)
        .ready()
        .catch((error: unknown) =>
          this.#logger.warn({ err: error, repository: label }, 'repository cannot be opened')
        );
    }
  }

  /**
   * The runs that a pick covers at this moment.
   *
   * @throws BridgeError `collection_not_found`; BridgeUnavailable
   */
  async resolve(repository: string, pick: Pick): Promise<Run[]> {
    const { result } = await this.#read(
      repository,
      'resolve',
      { collection: pick.name, kind: pick.kind },
      Resolved
    );
    return result.runs;
  }

  /**
   * Every dataset of one run and type, with where its artifact is.
   *
   * @throws BridgeError `collection_not_found`, `dataset_type_not_found`; BridgeUnavailable; Error where the list is not whole
   */
  async list(repository: string, run: string, datasetType: string): Promise<Listing> {
    const items: ListedItem[] = [];
    const { result } = await this.#client(repository).call(
      'list',
      { run, dataset_type: datasetType },
      ListEnd,
      part => {
        if (!listPart.Check(part)) {
          throw new Error('The Butler bridge listed datasets in a form that it should not have.');
        }
        items.push(...part.items);
      }
    );
    if (result.count !== items.length) {
      throw new Error(
        `The Butler bridge listed ${items.length} datasets of ${run} and counted ${result.count}.`
      );
    }
    return { items, roots: result.roots, runDirectory: result.run_directory };
  }

  /**
   * A member of a zip, checked by the bridge as the worker checks files (`confine`).
   *
   * @param uid - to whom the zip must belong
   * @throws BridgeError `unreadable`, `dataset_not_found`, `too_large`; BridgeUnavailable
   */
  async retrieve(repository: string, id: string, limit: number, uid: number): Promise<Buffer> {
    const { payload } = await this.#read(
      repository,
      'retrieve',
      { id, limit, confine: { uid } },
      Retrieved
    );
    return payload ?? Buffer.alloc(0);
  }

  close(): void {
    for (const client of this.#clients.values()) {
      client.close();
    }
  }

  /** A read that has no parts is asked once more where the child died under it. */
  async #read<T extends TSchema>(
    repository: string,
    call: string,
    params: Record<string, unknown>,
    schema: T
  ): Promise<{ result: Static<T>; payload: Buffer | undefined }> {
    try {
      return await this.#client(repository).call(call, params, schema);
    } catch (error) {
      if (error instanceof BridgeUnavailable && error.type === 'bridge_died') {
        return this.#client(repository).call(call, params, schema);
      }
      throw error;
    }
  }

  #client(label: string): BridgeClient {
    const known = this.#clients.get(label);
    if (known && !known.isDead) {
      return known;
    }
    const repository = this.#settings.repositories.find(candidate => candidate.label === label);
    if (!repository) {
      throw new Error(`No repository is called ${label}.`);
    }
    if (known) {
      this.#restarts.set(label, (this.#restarts.get(label) ?? 0) + 1);
    }
    const client = new BridgeClient(this.#settings.butler_command, repository.uri, this.#logger);
    this.#clients.set(label, client);
    return client;
  }
}
