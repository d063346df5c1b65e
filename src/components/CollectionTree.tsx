import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';
import type { CollectionPick } from '../api/types';
import type { CollectionRow, TreeRow } from '../domain/tree';
import { CollectionTreeRow } from './CollectionTreeRow';
import { blockedWords } from './pick-words';
import { useTranslation } from './translation';
import { actionOf } from './tree-keys';
import { useFocus } from './use-focus';

export interface CollectionTreeProps {
  readonly rows: readonly TreeRow[];
  readonly onExpand: (id: string, expanded: boolean) => void;
  readonly onToggle: (repository: string, pick: CollectionPick) => void;
  readonly onPreview: (row: CollectionRow) => void;
  /** Asks again for the collections of a repository. */
  readonly onRetry: (repository: string) => void;
}

/**
 * Repositories and collections as an ARIA tree. Only the rows on the screen are drawn. Arrows move and expand,
 * Space picks, Enter previews; below the tree stands why the current row cannot be picked.
 */
export function CollectionTree(props: CollectionTreeProps): React.ReactElement {
  const { rows, onExpand, onToggle, onPreview, onRetry } = props;
  const trans = useTranslation();
  const scroller = React.useRef<HTMLDivElement>(null);
  const [activeId, setActiveId] = React.useState<string | null>(null);

  const active = Math.max(
    0,
    rows.findIndex(({ id }) => id === activeId)
  );
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: index => (rows[index]?.kind === 'collection' ? 46 : 30),
    getItemKey: index => rows[index]?.id ?? index,
    overscan: 10,
    // The row with the focus stays in the document even when it is scrolled away.
    rangeExtractor: range => [...new Set([active, ...defaultRangeExtractor(range)])].sort(ascending)
  });

  const focus = useFocus(scroller);
  const focusRow = (index: number) => {
    if (index !== active) {
      setActiveId(rows[index]?.id ?? null);
      virtualizer.scrollToIndex(index);
      focus(`[data-index="${index}"]`);
    }
  };

  const toggle = (row: TreeRow) => {
    if (row.kind === 'message' || row.kind === 'repository') {
      return;
    }
    if (row.pick && (row.picked || !row.blocked)) {
      onToggle(row.repository, row.pick);
    }
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    // A key pressed on a button inside a row is the button's.
    const isRow =
      event.target instanceof Element && event.target.getAttribute('role') === 'treeitem';
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const action = isRow && !modified ? actionOf(event.key, rows, active) : null;
    if (!action) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    switch (action.do) {
      case 'move':
        focusRow(action.to);
        break;
      case 'expand':
      case 'collapse':
        onExpand(action.row.id, action.do === 'expand');
        break;
      case 'toggle':
        toggle(action.row);
        break;
      case 'preview':
        onPreview(action.row);
        break;
    }
  };

  const current = rows[active];
  const reason =
    activeId !== null && current && 'blocked' in current && current.blocked && !current.picked
      ? blockedWords(current.blocked, trans)
      : '';

  return (
    <>
      <div
        ref={scroller}
        className="jp-EpoExport-tree"
        role="tree"
        aria-label={trans.__('Repositories and collections')}
        aria-multiselectable="true"
        onKeyDown={onKeyDown}
      >
        <div
          role="presentation"
          className="jp-EpoExport-treeRows"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            return (
              row && (
                <CollectionTreeRow
                  key={row.id}
                  ref={virtualizer.measureElement}
                  row={row}
                  index={index}
                  offset={start}
                  active={index === active}
                  onFocus={() => setActiveId(row.id)}
                  onExpand={onExpand}
                  onToggle={toggle}
                  onPreview={onPreview}
                  onRetry={onRetry}
                />
              )
            );
          })}
        </div>
      </div>
      <p className="jp-EpoExport-reason" role="status">
        {reason}
      </p>
    </>
  );
}

function ascending(one: number, other: number): number {
  return one - other;
}
