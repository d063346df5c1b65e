/** The words for exports, their states, their items' fates and what can be done with them. */
import type { Export, ExportAction, ExportState, ItemState } from '../api/types';
import { groupOf, type ExportFilter, type Progress } from '../domain/exports';
import { formatCount } from './format';
import type { Translation } from './translation';

/** A word or two for a state. The service's own sentence (`means`) says it in full. */
export function stateWords(state: ExportState, trans: Translation): string {
  switch (state) {
    case 'SUBMITTED':
      return trans.__('Submitted');
    case 'COLLECTING':
      return trans.__('Being checked');
    case 'HELD':
      return trans.__('Held for review');
    case 'RETURNED':
      return trans.__('Returned to you');
    case 'APPROVED':
      return trans.__('Approved');
    case 'PUBLISHING':
      return trans.__('Being published');
    case 'PUBLISHED':
      return trans.__('Published');
    case 'FAILED':
      return trans.__('Stopped');
    case 'REJECTED':
      return trans.__('Rejected');
    case 'CANCELLED':
      return trans.__('Cancelled');
    case 'WITHDRAWN':
      return trans.__('Withdrawn');
    case 'EXPIRED':
      return trans.__('Expired');
  }
}

/** How a state is coloured. */
export function toneOf(state: ExportState): 'moving' | 'waiting' | 'good' | 'bad' | 'over' {
  switch (state) {
    case 'SUBMITTED':
    case 'COLLECTING':
    case 'APPROVED':
    case 'PUBLISHING':
      return 'moving';
    case 'HELD':
    case 'RETURNED':
      return 'waiting';
    case 'PUBLISHED':
      return 'good';
    case 'FAILED':
    case 'REJECTED':
      return 'bad';
    case 'CANCELLED':
    case 'WITHDRAWN':
    case 'EXPIRED':
      return 'over';
  }
}

export function fateWords(state: ItemState, trans: Translation): string {
  switch (state) {
    case 'LISTED':
      return trans.__('not checked yet');
    case 'CHECKED':
      return trans.__('checked and clean');
    case 'HELD':
      return trans.__('held for review');
    case 'REFUSED':
      return trans.__('refused');
    case 'PUBLISHED':
      return trans.__('published');
    case 'WITHDRAWN':
      return trans.__('withdrawn');
    case 'MISSING':
      return trans.__('gone from the Butler');
  }
}

export function progressWords({ stage, done, total }: Progress, trans: Translation): string {
  switch (stage) {
    case 'waiting':
      return trans.__('Waiting for EPO to list the cutouts…');
    case 'checking':
      return total > 0
        ? trans.__('Checked %1 of %2', formatCount(done), formatCount(total))
        : trans.__('Listing the cutouts…');
    case 'publishing':
      return trans.__('Published %1 of %2', formatCount(done), formatCount(total));
  }
}

/** Who is to act next, where that is not plain from the state. */
export function waitsForWords({ state, waits_for }: Export, trans: Translation): string {
  if (waits_for === 'staff') {
    return trans.__('EPO staff will decide; you need not do anything.');
  }
  return groupOf(state) === 'needs_you' ? trans.__('It is your move.') : '';
}

export function actionWords(action: ExportAction, trans: Translation): string {
  switch (action) {
    case 'cancel':
      return trans.__('Cancel export');
    case 'retry':
      return trans.__('Retry what failed');
    case 'withdraw':
      return trans.__('Withdraw');
  }
}

/** What to ask before an action; `null` where it destroys nothing. */
export function questionOf(
  action: ExportAction,
  subjectSet: string,
  trans: Translation
): string | null {
  switch (action) {
    case 'cancel':
      return trans.__(
        'Cancel the export of “%1”? EPO deletes its copies. Your own files stay, and you can submit them again.',
        subjectSet
      );
    case 'withdraw':
      return trans.__(
        'Withdraw “%1”? Its images and manifest are taken off the public server for good, and Zooniverse subjects that show them go blank. Your own files stay.',
        subjectSet
      );
    case 'retry':
      return null;
  }
}

export function filterWords(filter: ExportFilter, trans: Translation): string {
  switch (filter) {
    case 'all':
      return trans.__('All exports');
    case 'under_way':
      return trans.__('Under way');
    case 'needs_you':
      return trans.__('Needs you');
    case 'public':
      return trans.__('Published');
    case 'ended':
      return trans.__('Ended');
  }
}
