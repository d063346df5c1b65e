import * as React from 'react';
import { toProblem, type Problem } from '../api/problem';
import type { Export, Item, ItemList as ItemPage, ItemQuery, ItemState } from '../api/types';
import { fatesOf } from '../domain/exports';
import { Button } from './Button';
import { fateWords } from './export-words';
import { classes, formatCount, formatDataId } from './format';
import { Link } from './Link';
import { Busy } from './Notice';
import { Prose } from './Prose';
import { ProblemNotice } from './ProblemNotice';
import { useTranslation } from './translation';

export type LoadItems = (exportId: string, query: ItemQuery) => Promise<ItemPage>;

interface ItemListProps {
  readonly export: Pick<Export, 'id' | 'counts'>;
  readonly loadItems: LoadItems;
}

/** Items a page: few enough to read, and more come by a button. */
const PAGE_SIZE = 50;

/** Every item of an export with its fate and the reason, by page. */
export function ItemList({ export: { id, counts }, loadItems }: ItemListProps): React.ReactElement {
  const trans = useTranslation();
  const [state, setState] = React.useState<ItemState | null>(null);
  const [items, setItems] = React.useState<readonly Item[]>([]);
  const [cursor, setCursor] = React.useState<string | null>(null);
  const [loading, setLoading] = React.useState(true);
  const [problem, setProblem] = React.useState<Problem | null>(null);
  // Asked anew when items change their fate: the list must not tell of yesterday.
  const version = JSON.stringify(counts);
  const asked = React.useRef(0);

  const load = React.useCallback(
    async (after: string | null) => {
      const mine = ++asked.current;
      setLoading(true);
      setProblem(null);
      try {
        const page = await loadItems(id, {
          limit: PAGE_SIZE,
          ...(state !== null && { state }),
          ...(after !== null && { cursor: after })
        });
        if (mine === asked.current) {
          setItems(before => (after === null ? page.items : [...before, ...page.items]));
          setCursor(page.next_cursor);
          setLoading(false);
        }
      } catch (error) {
        if (mine === asked.current) {
          setProblem(toProblem(error));
          setLoading(false);
        }
      }
    },
    [id, state, loadItems]
  );

  React.useEffect(() => {
    void load(null);
    return () => {
      asked.current += 1;
    };
  }, [load, version]);

  return (
    <div className="jp-EpoExport-items">
      <select
        className="jp-EpoExport-select"
        aria-label={trans.__('Which items')}
        value={state ?? ''}
        onChange={event =>
          setState(fatesOf(counts).find(fate => fate.state === event.target.value)?.state ?? null)
        }
      >
        <option value="">{trans.__('All %1 items', formatCount(counts.total))}</option>
        {fatesOf(counts).map(fate => (
          <option key={fate.state} value={fate.state}>
            {trans.__('%1 %2', formatCount(fate.count), fateWords(fate.state, trans))}
          </option>
        ))}
      </select>
      <ul aria-label={trans.__('Items')}>
        {items.map(item => (
          <ItemLine key={item.number} item={item} />
        ))}
      </ul>
      {loading && <Busy>{trans.__('Getting the items…')}</Busy>}
      {problem && <ProblemNotice problem={problem} onRetry={() => void load(cursor)} />}
      {!loading && !problem && cursor !== null && (
        <Button onClick={() => void load(cursor)}>{trans.__('Show more items')}</Button>
      )}
    </div>
  );
}

function ItemLine({ item }: { readonly item: Item }): React.ReactElement {
  const trans = useTranslation();
  const { data_id, dataset_id, number, reason, run, state, url } = item;
  return (
    <li className="jp-EpoExport-item" title={`${run}\n${dataset_id}`}>
      <span className="jp-EpoExport-itemNumber">{formatCount(number)}</span>
      <div>
        <span className="jp-EpoExport-itemName">{formatDataId(data_id)}</span>
        <span className={classes('jp-EpoExport-fate', `jp-EpoExport-fate--${state.toLowerCase()}`)}>
          {fateWords(state, trans)}
        </span>
        {url !== null && <Link href={url}>{trans.__('image')}</Link>}
        {reason && (
          <p className="jp-EpoExport-itemReason">
            <Prose>{reason.msg}</Prose>
          </p>
        )}
      </div>
    </li>
  );
}
