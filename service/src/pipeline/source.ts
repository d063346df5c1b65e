/**
 * Where an export's datasets come from. `pull` is here: EPO reads the repository itself. `push` (the lab uploads)
 * fits the same seam: a listing of uploaded files, and a rule that they lie in the upload's own directory.
 */
import { realpath } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Bridges } from '../bridge/bridges.ts';
import type { ListedItem, Run } from '../bridge/messages.ts';
import type { Pick } from '../grants/ownership.ts';

export interface SourceItem extends ListedItem {
  readonly run: string;
  readonly metadataUri: string | null;
}

/** The datasets of one run, and the directories in which their files must lie. */
export interface SourceRun {
  readonly run: string;
  readonly items: readonly SourceItem[];
  readonly directories: readonly string[];
}

export interface Source {
  /** The runs that a pick covers now. @throws BridgeError, BridgeUnavailable */
  runs(repository: string, pick: Pick): Promise<readonly Run[]>;
  /** Every dataset of a run and type, in order. @throws BridgeError, BridgeUnavailable */
  items(
    repository: string,
    run: Run,
    datasetType: string,
    withMetadata: boolean
  ): Promise<SourceRun>;
  /** A dataset that is no plain file. @throws BridgeError where it is not to be had, BridgeUnavailable */
  bytes(repository: string, datasetId: string, limit: number, uid: number): Promise<Buffer>;
}

/** The dataset type that accompanies the images (`rsp_epo_export/repository.py`). */
const METADATA_TYPE = 'zooniverse_metadata';

export class PullSource implements Source {
  readonly #bridges: Bridges;

  constructor(bridges: Bridges) {
    this.#bridges = bridges;
  }

  async runs(repository: string, pick: Pick): Promise<readonly Run[]> {
    return this.#bridges.resolve(repository, pick);
  }

  async items(
    repository: string,
    run: Run,
    datasetType: string,
    withMetadata: boolean
  ): Promise<SourceRun> {
    const { items, roots, runDirectory } = await this.#bridges.list(
      repository,
      run.name,
      datasetType
    );
    const metadata = new Companions(withMetadata ? await this.#metadata(repository, run) : []);
    return {
      run: run.name,
      items: items.map(item => ({
        ...item,
        run: run.name,
        metadataUri: metadata.uriOf(item)
      })),
      directories: runDirectory === null ? [] : await below(roots, runDirectory)
    };
  }

  async bytes(repository: string, datasetId: string, limit: number, uid: number): Promise<Buffer> {
    return this.#bridges.retrieve(repository, datasetId, limit, uid);
  }

  async #metadata(repository: string, run: Run): Promise<readonly ListedItem[]> {
    const has = run.dataset_types.some(type => type.name === METADATA_TYPE && type.count > 0);
    return has ? (await this.#bridges.list(repository, run.name, METADATA_TYPE)).items : [];
  }
}

/**
 * Which metadata belongs to which image: that of the same data ID in the dimensions that the metadata has. A flipbook's
 * frames have one more, and share their subject's.
 */
class Companions {
  readonly #dimensions: readonly string[];
  readonly #uris: ReadonlyMap<string, string | null>;

  constructor(listed: readonly ListedItem[]) {
    this.#dimensions = Object.keys(listed[0]?.data_id ?? {});
    this.#uris = new Map(listed.map(item => [this.#keyOf(item), item.uri]));
  }

  uriOf(item: ListedItem): string | null {
    return this.#uris.get(this.#keyOf(item)) ?? null;
  }

  #keyOf({ data_id }: ListedItem): string {
    return JSON.stringify(this.#dimensions.map(dimension => data_id[dimension] ?? null));
  }
}

/**
 * A root's own path may hold links, which are the operator's: files lie below it as it is written and as it really
 * is. Below the root nothing is resolved, for that is the PI's.
 */
async function below(roots: readonly string[], runDirectory: string): Promise<string[]> {
  const local = roots.filter(root => root.startsWith('file:')).map(root => fileURLToPath(root));
  const real = await Promise.all(local.map(async root => `${await realpath(root)}/`));
  return [...new Set([...local, ...real])].map(root => `${root}${runDirectory}/`);
}
