/** What a key does in the tree, after the ARIA pattern for trees. */
import type { CollectionRow, TreeRow } from '../domain/tree';

export type TreeAction =
  | { readonly do: 'move'; readonly to: number }
  | { readonly do: 'expand' | 'collapse' | 'toggle'; readonly row: TreeRow }
  | { readonly do: 'preview'; readonly row: CollectionRow };

/** Rows that Page Up and Page Down jump over. */
const PAGE = 10;

/** The action of `key` on the row at `at`; `null` where it has none. */
export function actionOf(key: string, rows: readonly TreeRow[], at: number): TreeAction | null {
  const row = rows[at];
  if (!row) {
    return null;
  }
  const last = rows.length - 1;
  switch (key) {
    case 'ArrowDown':
      return { do: 'move', to: Math.min(at + 1, last) };
    case 'ArrowUp':
      return { do: 'move', to: Math.max(at - 1, 0) };
    case 'PageDown':
      return { do: 'move', to: Math.min(at + PAGE, last) };
    case 'PageUp':
      return { do: 'move', to: Math.max(at - PAGE, 0) };
    case 'Home':
      return { do: 'move', to: 0 };
    case 'End':
      return { do: 'move', to: last };
    case 'ArrowRight':
      if (isExpanded(row) === false) {
        return { do: 'expand', row };
      }
      return isExpanded(row) && rows[at + 1]?.parent === row.id ? { do: 'move', to: at + 1 } : null;
    case 'ArrowLeft': {
      if (isExpanded(row)) {
        return { do: 'collapse', row };
      }
      const parent = rows.findIndex(({ id }) => id === row.parent);
      return parent < 0 ? null : { do: 'move', to: parent };
    }
    case ' ':
      return { do: 'toggle', row };
    case 'Enter':
      if (row.kind === 'collection') {
        return { do: 'preview', row };
      }
      return isExpanded(row) === null ? null : { do: isExpanded(row) ? 'collapse' : 'expand', row };
    default:
      return null;
  }
}

function isExpanded(row: TreeRow): boolean | null {
  return row.kind === 'message' ? null : row.expanded;
}
