import * as React from 'react';
import type { Shown, ShownExport } from '../domain/show';
import { Button } from './Button';
import { stateWords } from './export-words';
import { formatCount } from './format';
import { Link } from './Link';
import { useTranslation } from './translation';

interface ShownOutputProps {
  /** `null` where the notebook holds what this version does not understand. */
  readonly shown: Shown | null;
  readonly onOpen: (shown: Shown) => void;
}

/** A cell's output: a button that opens the panel, and how the latest exports were when the cell ran. */
export function ShownOutput({ shown, onOpen }: ShownOutputProps): React.ReactElement {
  const trans = useTranslation();
  if (!shown) {
    return (
      <p>
        {trans.__('This output was made by another version of the EPO export. Run its cell again.')}
      </p>
    );
  }
  const { collection, exports } = shown;
  return (
    <>
      <Button kind="primary" onClick={() => onOpen(shown)}>
        {collection === null
          ? trans.__('Open “Export to Zooniverse”')
          : trans.__('Show %1 in “Export to Zooniverse”', collection)}
      </Button>
      {exports.length > 0 && (
        <>
          <p>{trans.__('Your latest exports, when this cell ran:')}</p>
          <ul>
            {exports.map((one, index) => (
              <li key={index}>
                <Row one={one} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Row({ one }: { readonly one: ShownExport }): React.ReactElement {
  const trans = useTranslation();
  const { subject_set: name, state, total, manifest_url: manifest } = one;
  return (
    <>
      {trans._n(
        '%2: %3, %4 item',
        '%2: %3, %4 items',
        total,
        name,
        stateWords(state, trans),
        formatCount(total)
      )}
      {manifest !== null && (
        <>
          {' '}
          <Link href={manifest}>{trans.__('manifest')}</Link>
        </>
      )}
    </>
  );
}
