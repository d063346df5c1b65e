import type { Run } from '../bridge/messages.ts';
import { ownerOf, type Pick } from '../grants/ownership.ts';

/**
 * Of the runs that a pick covers, those that belong to the pick's own owner. A chain can hold anybody's, as
 * `pipetask` makes them with its inputs at the end; those are named, and not read.
 */
export function ownRuns(pick: Pick, runs: readonly Run[]): { runs: Run[]; leftOut: string[] } {
  const owner = ownerOf(pick);
  const isOwn = (run: Run): boolean => {
    const runOwner = ownerOf({ name: run.name, kind: 'run' });
    return runOwner !== undefined && runOwner.kind === owner?.kind && runOwner.name === owner.name;
  };
  return {
    runs: runs.filter(isOwn),
    leftOut: runs.filter(run => !isOwn(run)).map(run => run.name)
  };
}
