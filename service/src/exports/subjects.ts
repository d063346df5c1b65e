/**
 * Which items make one Zooniverse subject. Without a frame dimension each item is a subject; with one (a flipbook),
 * the items that differ in that dimension alone are its frames, in the dimension's order.
 */
import type { DataId } from '../bridge/messages.ts';
import { keyedNames } from '../public/urls.ts';

export interface FrameItem {
  readonly number: number;
  readonly dataset_id: string;
  readonly data_id: DataId;
}

export interface Subject<T extends FrameItem> {
  /** The same at each try, and it says nothing of the dataset. */
  readonly externalId: string;
  readonly frames: readonly T[];
}

/** Subjects in the order of their first items. */
export function subjectsOf<T extends FrameItem>(
  items: readonly T[],
  frameDimension: string | null,
  namingKey: string
): Subject<T>[] {
  const nameOf = keyedNames(namingKey);
  if (frameDimension === null) {
    return items.map(item => ({
      externalId: nameOf('subject', item.dataset_id),
      frames: [item]
    }));
  }
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const { [frameDimension]: _frame, ...rest } = item.data_id;
    const key = JSON.stringify(Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1)));
    const group = groups.get(key);
    if (group) {
      group.push(item);
    } else {
      groups.set(key, [item]);
    }
  }
  return [...groups].map(([key, frames]) => ({
    externalId: nameOf('subject', key),
    frames: frames.toSorted(
      (a, b) => compare(a.data_id[frameDimension], b.data_id[frameDimension]) || a.number - b.number
    )
  }));
}

function compare(a: string | number | undefined, b: string | number | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') {
    return a - b;
  }
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
