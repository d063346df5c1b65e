import type { GrantControlProps } from '../components/GrantControl';
import type { CollectionPick } from '../api/types';
import { valueOf } from '../domain/loadable';
import type { ExportModel } from '../model/model';

/** What the control of grants shows and does, for the draft's picks. */
export function grantProps(model: ExportModel): GrantControlProps {
  const { draft, grants, session, settings } = model;
  const repository = draft.complete.serviceRepository;
  return {
    picks: model.picksWithGrants,
    grantee: valueOf(session.me)?.grantee ?? 'EPO',
    defaultDays: settings.grantDays,
    busy: grants.busy,
    problem: grants.problem ?? (grants.grants.status === 'failed' ? grants.grants.problem : null),
    onGrant: (picks, days) => {
      if (repository !== null) {
        void grants.grant(repository, picks, days);
      }
    },
    onRevoke: ({ id }) => void grants.revoke(id)
  };
}

/** Picks, or drops, a collection of the draft's own repository. */
export function toggle(model: ExportModel, pick: CollectionPick): void {
  const { repository } = model.draft.draft;
  if (repository !== null) {
    model.draft.toggle(repository, pick);
  }
}
