/** The words for what is removed of an export, and for what stays. */
import type { RunFate, RunRemoval } from '../api/lab-types';
import { formatCount } from './format';
import type { Translation } from './translation';

/** What one run would lose, said behind its name. */
export function runSentence({ count, gone, stays }: RunRemoval, trans: Translation): string {
  const parts = [
    gone > 0 && trans._n('%2 is gone already.', '%2 are gone already.', gone, formatCount(gone)),
    count > 0 &&
      (stays.length === 0
        ? trans._n(
            'goes whole: all that is in it is its %2 published dataset.',
            'goes whole: all that is in it are its %2 published datasets.',
            count,
            formatCount(count)
          )
        : trans._n(
            'loses %2 dataset and stays.',
            'loses %2 datasets and stays.',
            count,
            formatCount(count)
          )),
    stays.length > 0 &&
      trans.__(
        'What stays in it: %1.',
        stays
          .map(({ dataset_type, count: rest }) =>
            trans.__('%1 of %2', formatCount(rest), dataset_type)
          )
          .join(', ')
      )
  ];
  return parts.filter(Boolean).join(' ');
}

/** What became of a run, said behind its name. */
export function fateSentence(fate: RunFate, trans: Translation): string {
  switch (fate) {
    case 'removed':
      return trans.__('is removed.');
    case 'gone':
      return trans.__('was gone already.');
    case 'not_empty':
      return trans.__('stays, with what else is in it.');
    case 'in_anothers_chain':
      return trans.__('stays, empty: a chain of somebody else’s holds it.');
  }
}
