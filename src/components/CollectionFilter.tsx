import * as React from 'react';
import { useTranslation } from './translation';

interface CollectionFilterProps {
  readonly search: string;
  readonly ownOnly: boolean;
  readonly onSearch: (search: string) => void;
  readonly onOwnOnly: (ownOnly: boolean) => void;
}

/** What the tree shows. */
export function CollectionFilter(props: CollectionFilterProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <div className="jp-EpoExport-filter" role="search">
      <input
        type="search"
        className="jp-EpoExport-input"
        placeholder={trans.__('Search by name, type or dataset type')}
        aria-label={trans.__('Search collections')}
        value={props.search}
        onChange={event => props.onSearch(event.target.value)}
      />
      <label className="jp-EpoExport-checkLine">
        <input
          type="checkbox"
          checked={props.ownOnly}
          onChange={event => props.onOwnOnly(event.target.checked)}
        />
        {trans.__('Only mine and my groups’')}
      </label>
    </div>
  );
}
