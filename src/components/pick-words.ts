/** The sentences about collections and picks: why one cannot be picked, what a pick covers. */
import type { Collection, CollectionType } from '../api/lab-types';
import type { CollectionPick } from '../api/types';
import { countOf, namespaceOf, type NotPickable } from '../domain/collections';
import type { GrantState } from '../domain/grants';
import { formatCount, formatDay } from './format';
import type { Translation } from './translation';

/** Why it cannot be picked, and what could be done. */
export function blockedWords(reason: NotPickable, trans: Translation): string {
  switch (reason.why) {
    case 'service_unknown':
      return trans.__(
        'EPO’s export service does not answer, so nothing can be picked now. You can preview it.'
      );
    case 'repository_unknown':
      return trans.__(
        'EPO does not export from this repository. You can preview it; to export, put the cutouts into a repository that EPO knows.'
      );
    case 'not_yours':
      return trans.__(
        'Belongs to %1. Only its owner can let EPO read it.',
        namespaceOf(reason.owner)
      );
    case 'no_owner':
      return trans.__(
        'Belongs to no user or group by its name. Only collections below u/<you>/ or g/<your group>/ can be exported.'
      );
    case 'wrong_type':
      return trans.__(
        'A %1 collection. EPO exports RUN collections and chains of them.',
        reason.type
      );
    case 'other_repository':
      return trans.__(
        'You picked from %1 already, and an export reads one repository. Drop those picks first.',
        reason.repository
      );
    case 'covered':
      return trans.__('Covered by your pick of %1.', pickName(reason.by, trans));
  }
}

/** A pick by the name that its PI knows. */
export function pickName({ name, kind }: CollectionPick, trans: Translation): string {
  return kind === 'prefix' ? trans.__('everything below %1/', name) : name;
}

/** What a pick takes besides what is there now; empty for a RUN. */
export function pickMeaning({ kind }: CollectionPick, trans: Translation): string {
  switch (kind) {
    case 'run':
      return '';
    case 'chain':
      return trans.__('All its runs, those to come too.');
    case 'prefix':
      return trans.__('All runs below it, those to come too.');
  }
}

/** `312 zooniverse_cutout`, for each dataset type. */
export function contentWords(collection: Collection, trans: Translation): string {
  if (countOf(collection) === 0) {
    return trans.__('empty');
  }
  return collection.dataset_types
    .map(({ name, count }) => (count === null ? name : `${formatCount(count)} ${name}`))
    .join(' · ');
}

/** What the Butler calls this type of collection, explained. */
export function typeWords(type: CollectionType, trans: Translation): string {
  switch (type) {
    case 'RUN':
      return trans.__('A RUN collection: it holds the datasets themselves.');
    case 'CHAINED':
      return trans.__('A CHAINED collection: a list of other collections, such as pipetask makes.');
    case 'TAGGED':
      return trans.__('A TAGGED collection: a choice of datasets that live in runs.');
    case 'CALIBRATION':
      return trans.__('A CALIBRATION collection: datasets with times of validity.');
  }
}

/** The state of EPO's read access, in a few words; empty where there never was any. */
export function grantWords(grant: GrantState, trans: Translation): string {
  switch (grant.state) {
    case 'none':
      return '';
    case 'live':
      return trans.__('EPO may read until %1', formatDay(grant.grant.expires));
    case 'expired':
      return trans.__('EPO’s access ended on %1', formatDay(grant.grant.expires));
    case 'revoked':
      return trans.__('EPO’s access was revoked');
  }
}
