/** Whether a submission would be taken, and what it would take: the same questions before the click and at it. */
import { BridgeError, BridgeUnavailable } from '../bridge/client.ts';
import type { Bridges } from '../bridge/bridges.ts';
import type { Settings } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ownerOf, owns, type Pick } from '../grants/ownership.ts';
import { coverage } from '../grants/service.ts';
import { ClientError } from '../http/errors.ts';
import type { Identity } from '../identity/identity.ts';
import { ownRuns } from '../pipeline/runs.ts';
import type { Preflight, PreflightReport } from './schemas.ts';

export interface AssessParts {
  readonly db: Database;
  readonly bridges: Bridges;
  readonly settings: AssessSettings;
}
interface AssessSettings {
  readonly repositories: Settings['repositories'];
  readonly grantee: string;
}

/** What was found, with the problems as errors that a submission throws and a preflight tells. */
export interface Assessment {
  readonly total: number;
  readonly collections: PreflightReport['collections'];
  readonly problems: readonly ClientError[];
  readonly warnings: PreflightReport['warnings'];
}

/**
 * @param objectLimit - the most items that the export may have
 * @throws ClientError `repository_unavailable`, after which nothing is known
 */
export async function assess(
  { db, bridges, settings }: AssessParts,
  identity: Identity,
  body: Preflight,
  objectLimit: number
): Promise<Assessment> {
  if (!settings.repositories.some(({ label }) => label === body.repository)) {
    const problem = new ClientError(
      'repository_unknown',
      `EPO does not export from a repository called “${body.repository}”.`,
      ['body', 'repository']
    );
    return { total: 0, collections: [], problems: [problem], warnings: [] };
  }
  const problems: ClientError[] = [];
  const collections: PreflightReport['collections'][number][] = [];
  const counted = new Map<string, number>();
  for (const [index, pick] of body.collections.entries()) {
    const loc = ['body', 'collections', String(index)];
    const denied = await mayRead(db, identity, body.repository, pick, settings.grantee, loc);
    if (denied) {
      problems.push(denied);
      continue;
    }
    const found = await findRuns(bridges, body, pick, loc);
    if (found instanceof ClientError) {
      problems.push(found);
      continue;
    }
    collections.push({ name: pick.name, ...found });
    for (const run of found.runs) {
      counted.set(run.name, run.count);
    }
  }
  const total = [...counted.values()].reduce((sum, count) => sum + count, 0);
  if (total > objectLimit) {
    problems.push(
      new ClientError(
        'project_limit_exceeded',
        `This would be ${total} items, and one export of this project may have ${objectLimit}. Choose fewer collections, or ask EPO for a higher limit.`,
        ['body', 'collections']
      )
    );
  }
  const warnings = collections
    .filter(collection => collection.left_out.length > 0)
    .map(collection => ({
      type: 'runs_left_out',
      msg: `${collection.left_out.length} of the runs in ${collection.name} are not yours and will not be exported: ${collection.left_out.slice(0, 5).join(', ')}${collection.left_out.length > 5 ? ', …' : ''}.`
    }));
  return { total, collections, problems, warnings };
}

async function mayRead(
  db: Database,
  identity: Identity,
  repository: string,
  pick: Pick,
  grantee: string,
  loc: string[]
): Promise<ClientError | undefined> {
  const owner = ownerOf(pick);
  if (!owner || !owns(identity, owner)) {
    // The same for what exists and what does not: nobody learns of others' collections here.
    return new ClientError(
      'not_yours',
      `${pick.name} is not yours to export: you can export what begins with u/${identity.username}/, or g/<group>/ for a group of yours.`,
      loc
    );
  }
  if (!(await coverage(db, repository, [pick])).ok) {
    return new ClientError(
      'grant_missing',
      `${grantee} may not read ${pick.name} yet. Grant it read access, then submit again.`,
      loc
    );
  }
  return undefined;
}

async function findRuns(bridges: Bridges, body: Preflight, pick: Pick, loc: string[]) {
  try {
    const { runs, leftOut } = ownRuns(pick, await bridges.resolve(body.repository, pick));
    const withType = runs.map(run => ({
      name: run.name,
      count: run.dataset_types.find(type => type.name === body.dataset_type)?.count ?? 0
    }));
    if (runs.every(run => run.dataset_types.every(type => type.count === 0))) {
      return new ClientError(
        'collection_empty',
        `${pick.name} holds no datasets, so there is nothing to export.`,
        loc
      );
    }
    if (withType.every(run => run.count === 0)) {
      return new ClientError(
        'dataset_type_not_found',
        `${pick.name} holds no ${body.dataset_type}. Choose a dataset type that it has.`,
        ['body', 'dataset_type']
      );
    }
    return { runs: withType, left_out: leftOut };
  } catch (error) {
    if (error instanceof BridgeError && error.type === 'collection_not_found') {
      return new ClientError(
        'collection_not_found',
        `There is no ${pick.kind === 'run' ? 'RUN' : pick.kind} collection ${pick.name} in ${body.repository}.`,
        loc
      );
    }
    if (error instanceof BridgeError || error instanceof BridgeUnavailable) {
      throw new ClientError(
        'repository_unavailable',
        `The repository ${body.repository} cannot be read at the moment. Nothing was changed; try again in a few minutes.`
      );
    }
    throw error;
  }
}
