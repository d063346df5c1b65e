import type { RepositorySource } from '../api/lab-types';
import type { RepositoryRow } from '../domain/tree';
import type { Translation } from './translation';

/** Where a repository is, and who named it. */
export function placeWords({ uri, source }: RepositoryRow, trans: Translation): string {
  return `${uri} (${sourceWords(source, trans)})`;
}

function sourceWords(source: RepositorySource, trans: Translation): string {
  switch (source) {
    case 'setting':
      return trans.__('named by your lab’s settings');
    case 'environment':
      return trans.__('named by EPO_EXPORT_REPOSITORIES');
    case 'discovery_file':
    case 'repertoire':
      return trans.__('named by the RSP’s discovery');
    case 'repository_index':
      return trans.__('named by the repository index');
  }
}

/** Why EPO does not export from a repository. Only for one of which that is known. */
export function previewOnlyWords({ readOnly }: RepositoryRow, trans: Translation): string {
  return readOnly
    ? trans.__(
        'EPO does not export from this repository: a Butler server serves it, which is read-only, so no run of yours lives there.'
      )
    : trans.__('EPO does not export from this repository: EPO’s service does not open it.');
}
