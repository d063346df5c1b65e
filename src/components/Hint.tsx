import * as React from 'react';
import { IconButton } from './Button';
import { useTranslation } from './translation';

/** What the panel is for and how it goes, for who sees it for the first time. */
export function Hint({ onClose }: { readonly onClose: () => void }): React.ReactElement {
  const trans = useTranslation();
  return (
    <aside className="jp-EpoExport-hint" aria-label={trans.__('How it works')}>
      <div className="jp-EpoExport-hintHead">
        <strong>{trans.__('From your collection to a Zooniverse project')}</strong>
        <IconButton icon="close" label={trans.__('Close this hint')} onClick={onClose} />
      </div>
      <ol>
        <li>{trans.__('Pick a collection of cutouts below, and look at them.')}</li>
        <li>{trans.__('Let EPO read it, for as long as you choose.')}</li>
        <li>{trans.__('Submit it. EPO checks every image before anything is public.')}</li>
        <li>{trans.__('Follow it here, and get the manifest for the Zooniverse.')}</li>
      </ol>
    </aside>
  );
}
