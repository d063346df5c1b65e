/** How far an export is, in the panel's terms. The words for a state come from the service (`means`). */
import type { Export, ExportState, ItemState } from '../api/types';

type Counts = Export['counts'];

/** What the PI looks for in the list. */
export type ExportFilter = 'all' | 'under_way' | 'needs_you' | 'public' | 'ended';

/** The system works on it: it changes from one second to the next. */
export function isMoving({ state }: Pick<Export, 'state'>): boolean {
  switch (state) {
    case 'SUBMITTED':
    case 'COLLECTING':
    case 'APPROVED':
    case 'PUBLISHING':
      return true;
    case 'HELD':
    case 'RETURNED':
    case 'PUBLISHED':
    case 'FAILED':
    case 'REJECTED':
    case 'CANCELLED':
    case 'WITHDRAWN':
    case 'EXPIRED':
      return false;
  }
}

export function groupOf(state: ExportState): Exclude<ExportFilter, 'all'> {
  switch (state) {
    case 'SUBMITTED':
    case 'COLLECTING':
    case 'HELD':
    case 'APPROVED':
    case 'PUBLISHING':
      return 'under_way';
    case 'RETURNED':
    case 'FAILED':
      return 'needs_you';
    case 'PUBLISHED':
      return 'public';
    case 'REJECTED':
    case 'CANCELLED':
    case 'WITHDRAWN':
    case 'EXPIRED':
      return 'ended';
  }
}

export function passes(filter: ExportFilter, { state }: Pick<Export, 'state'>): boolean {
  return filter === 'all' || groupOf(state) === filter;
}

export interface Progress {
  readonly stage: 'waiting' | 'checking' | 'publishing';
  readonly done: number;
  /** 0 while the service has not listed the datasets yet. */
  readonly total: number;
}

/** How far the stage is that the export is in; `null` where nothing moves. */
export function progressOf({ state, counts }: Pick<Export, 'state' | 'counts'>): Progress | null {
  switch (state) {
    case 'SUBMITTED':
      return { stage: 'waiting', done: 0, total: 0 };
    case 'COLLECTING':
      return { stage: 'checking', done: counts.total - counts.listed, total: counts.total };
    case 'APPROVED':
    case 'PUBLISHING':
      return {
        stage: 'publishing',
        done: counts.published,
        total: counts.total - counts.refused - counts.missing
      };
    default:
      return null;
  }
}

/** The items by fate, without the fates that none has, the happy ones first. */
export function fatesOf(
  counts: Counts
): readonly { readonly state: ItemState; readonly count: number }[] {
  const all = [
    { state: 'PUBLISHED', count: counts.published },
    { state: 'CHECKED', count: counts.checked },
    { state: 'HELD', count: counts.held },
    { state: 'LISTED', count: counts.listed },
    { state: 'REFUSED', count: counts.refused },
    { state: 'MISSING', count: counts.missing },
    { state: 'WITHDRAWN', count: counts.withdrawn }
  ] as const;
  return all.filter(({ count }) => count > 0);
}

/** Whether the PI should be told that an export came into this state, wherever they look at the moment. */
export function isNews(state: ExportState): boolean {
  switch (state) {
    case 'HELD':
    case 'RETURNED':
    case 'PUBLISHED':
    case 'FAILED':
    case 'REJECTED':
    case 'EXPIRED':
      return true;
    case 'SUBMITTED':
    case 'COLLECTING':
    case 'APPROVED':
    case 'PUBLISHING':
      return false;
    case 'CANCELLED':
    case 'WITHDRAWN':
      return false; // The PI did this, with a click.
  }
}
