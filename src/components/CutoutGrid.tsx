import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';
import type { DataId, Dataset } from '../api/lab-types';
import { formatDataId } from './format';
import { gridTarget } from './grid-keys';
import { useTranslation } from './translation';
import { useFocus } from './use-focus';

export interface CutoutGridProps {
  readonly datasets: readonly Dataset[];
  /** How many there are in all; `null` where that is not known. */
  readonly total: number | null;
  readonly hasMore: boolean;
  /** Side of a picture, in pixels. */
  readonly size: number;
  /** The one with the focus. */
  readonly active: number;
  readonly imageUrl: (id: string) => string;
  readonly onActive: (index: number) => void;
  readonly onOpen: (index: number) => void;
  readonly onMore: () => void;
}

/** Pixels around a picture and for its data ID; `style/preview.css` has the same. */
const GAP = 8;
const CAPTION = 36;

/** Cutouts with their data IDs. Only the rows on the screen are drawn, and more are asked for near the end. */
export function CutoutGrid(props: CutoutGridProps): React.ReactElement {
  const { datasets, total, hasMore, size, active, onActive, onOpen, onMore } = props;
  const trans = useTranslation();
  const scroller = React.useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const columns = Math.max(1, Math.floor((width - GAP) / (size + GAP)));
  const rows = Math.ceil(datasets.length / columns);

  const virtualizer = useVirtualizer({
    count: rows,
    getScrollElement: () => scroller.current,
    estimateSize: () => size + CAPTION + GAP,
    overscan: 2,
    // The picture with the focus stays in the document even when it is scrolled away.
    rangeExtractor: range =>
      [...new Set([Math.floor(active / columns), ...defaultRangeExtractor(range)])]
        .filter(row => row < rows)
        .sort((one, other) => one - other)
  });
  React.useEffect(() => virtualizer.measure(), [virtualizer, size, columns]);

  const shown = virtualizer.getVirtualItems();
  const lastShown = shown.at(-1)?.index ?? -1;
  React.useEffect(() => {
    if (hasMore && lastShown >= rows - 3) {
      onMore();
    }
  }, [hasMore, lastShown, rows, onMore]);

  const focus = useFocus(scroller);
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onOpen(active);
      return;
    }
    const rowsShown = Math.max(1, shown.length - 4);
    const grid = { count: datasets.length, columns, rowsShown };
    const target = gridTarget(event.key, event.ctrlKey || event.metaKey, active, grid);
    if (target !== null) {
      event.preventDefault();
      onActive(target);
      virtualizer.scrollToIndex(Math.floor(target / columns));
      focus(`[data-cutout="${target}"]`);
    }
  };

  return (
    <div
      ref={scroller}
      className="jp-EpoExport-grid"
      role="grid"
      aria-label={trans.__('Cutouts')}
      aria-rowcount={total === null ? -1 : Math.ceil(total / columns)}
      aria-colcount={columns}
      style={{ ['--epo-size' as string]: `${size}px`, ['--epo-columns' as string]: columns }}
      onKeyDown={onKeyDown}
    >
      <div
        role="presentation"
        className="jp-EpoExport-gridRows"
        style={{ height: virtualizer.getTotalSize() }}
      >
        {shown.map(({ index, start }) => (
          <div
            key={index}
            role="row"
            aria-rowindex={index + 1}
            className="jp-EpoExport-gridRow"
            style={{ transform: `translateY(${start}px)` }}
          >
            {datasets.slice(index * columns, (index + 1) * columns).map((dataset, column) => (
              <Cell
                key={dataset.id}
                {...props}
                dataset={dataset}
                index={index * columns + column}
              />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

interface CellProps extends CutoutGridProps {
  readonly dataset: Dataset;
  readonly index: number;
}

function Cell({
  dataset,
  index,
  active,
  imageUrl,
  onActive,
  onOpen
}: CellProps): React.ReactElement {
  const trans = useTranslation();
  const [broken, setBroken] = React.useState(false);
  const name = formatDataId(dataset.data_id);
  return (
    <div
      role="gridcell"
      className="jp-EpoExport-cell"
      data-cutout={index}
      aria-label={broken ? trans.__('%1, cannot be shown', name) : name}
      title={name}
      tabIndex={index === active ? 0 : -1}
      onFocus={() => onActive(index)}
      onClick={() => onOpen(index)}
    >
      {broken ? (
        <span className="jp-EpoExport-broken">
          {trans.__('Cannot be shown. Open it to see why.')}
        </span>
      ) : (
        <img
          src={imageUrl(dataset.id)}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
        />
      )}
      <Caption dataId={dataset.data_id} />
    </div>
  );
}

/** There is little room: a lone dimension is named, of several only the values are. */
function Caption({ dataId }: { readonly dataId: DataId }): React.ReactElement {
  const entries = Object.entries(dataId);
  const [only] = entries;
  return (
    <span className="jp-EpoExport-cellName">
      {only && entries.length === 1 ? (
        <>
          {only[0]}=<wbr />
          {only[1]}
        </>
      ) : (
        entries.map(([, value]) => value).join(', ')
      )}
    </span>
  );
}

/** The inner width of an element, in pixels, as it changes; the last one while it is hidden. */
function useWidth(element: React.RefObject<HTMLElement>): number {
  const [width, setWidth] = React.useState(0);
  React.useLayoutEffect(() => {
    const current = element.current;
    if (!current) {
      return;
    }
    // A width of 0 would lay the grid out anew, and the picture with the focus would lose it.
    const measure = () => setWidth(before => current.clientWidth || before);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}
