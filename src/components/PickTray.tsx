import * as React from 'react';
import type { CollectionPick } from '../api/types';
import { Button, IconButton } from './Button';
import { GrantControl, type GrantControlProps } from './GrantControl';
import { pickMeaning, pickName } from './pick-words';
import { useTranslation } from './translation';

interface PickTrayProps extends GrantControlProps {
  readonly onDrop: (pick: CollectionPick) => void;
  readonly onPreview: (pick: CollectionPick) => void;
  readonly onContinue: () => void;
}

/** What is picked, and the next steps. Nothing while nothing is picked. */
export function PickTray(props: PickTrayProps): React.ReactElement | null {
  const { picks, onDrop, onPreview, onContinue } = props;
  const trans = useTranslation();
  const title = React.useId();
  if (!picks.length) {
    return null;
  }
  const granted = picks.every(({ grant }) => grant.state === 'live');
  return (
    <section className="jp-EpoExport-tray" aria-labelledby={title}>
      <h3 id={title}>{trans._n('%1 collection picked', '%1 collections picked', picks.length)}</h3>
      <PickList picks={picks.map(({ pick }) => pick)} onDrop={onDrop} onPreview={onPreview} />
      <GrantControl {...props} />
      <div className="jp-EpoExport-actions jp-EpoExport-actions--end">
        <Button kind={granted ? 'primary' : 'plain'} onClick={onContinue}>
          {trans.__('Continue to Submit')}
        </Button>
      </div>
    </section>
  );
}

interface PickListProps {
  readonly picks: readonly CollectionPick[];
  readonly onDrop: (pick: CollectionPick) => void;
  readonly onPreview: (pick: CollectionPick) => void;
}

/** The picks by name, each with what it takes. */
export function PickList({ picks, onDrop, onPreview }: PickListProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <ul className="jp-EpoExport-picks">
      {picks.map(pick => {
        const name = pickName(pick, trans);
        return (
          <li key={`${pick.kind} ${pick.name}`}>
            <span className="jp-EpoExport-pickName" title={pickMeaning(pick, trans) || undefined}>
              {name}
              {pick.kind !== 'run' && (
                <span className="jp-EpoExport-dim"> {pickMeaning(pick, trans)}</span>
              )}
            </span>
            <IconButton
              icon="eye"
              label={trans.__('Preview %1', name)}
              onClick={() => onPreview(pick)}
            />
            <IconButton
              icon="close"
              label={trans.__('Drop %1', name)}
              onClick={() => onDrop(pick)}
            />
          </li>
        );
      })}
    </ul>
  );
}
