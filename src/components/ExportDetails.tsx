import * as React from 'react';
import type { Problem } from '../api/problem';
import type { Table } from '../api/service';
import type { Export, ExportAction } from '../api/types';
import { fatesOf } from '../domain/exports';
import { Button } from './Button';
import { Confirm } from './Confirm';
import { CopyButton } from './CopyButton';
import { actionWords, fateWords, questionOf, waitsForWords } from './export-words';
import { formatCount } from './format';
import { ItemList, type LoadItems } from './ItemList';
import { Link } from './Link';
import { Notice } from './Notice';
import { pickName } from './pick-words';
import { Prose } from './Prose';
import { ProblemNotice } from './ProblemNotice';
import { Removal, type RemovalProps } from './Removal';
import { useTranslation } from './translation';

export interface ExportDetailsProps {
  readonly export: Export;
  /** An action on it is under way. */
  readonly busy: boolean;
  /** Why the last action on it failed. */
  readonly problem: Problem | null;
  readonly loadItems: LoadItems;
  readonly onAct: (action: ExportAction) => void;
  /** Where its files can be removed from here. */
  readonly removal: RemovalProps | null;
  readonly onDownload: (table: Table) => void;
}

/** All of an export: what its state means, why, its items by fate and by reason, links, and what can be done. */
export function ExportDetails(props: ExportDetailsProps): React.ReactElement {
  const { export: one, problem, removal, loadItems } = props;
  const trans = useTranslation();
  const [listing, setListing] = React.useState(false);
  return (
    <div className="jp-EpoExport-details">
      <p role="status">
        {trans.__('This export %1.', one.means)} {waitsForWords(one, trans)}
      </p>
      {one.reason && (
        <Notice tone="warning">
          <p>
            <Prose>{one.reason.msg}</Prose>
          </p>
        </Notice>
      )}
      {one.notes.map(note => (
        <Notice key={`${note.type} ${note.msg}`} tone="info">
          <p>
            <Prose>{note.msg}</Prose>
          </p>
        </Notice>
      ))}
      {one.manifest_url !== null && (
        <Manifest url={one.manifest_url} subjectSet={one.subject_set} />
      )}
      {one.counts.total > 0 && <Counts export={one} />}
      <What export={one} />
      {problem && <ProblemNotice problem={problem} />}
      <Actions {...props} />
      {removal && <Removal {...removal} />}
      {one.counts.total > 0 && (
        <>
          <Button
            kind="link"
            icon={listing ? 'arrowDown' : 'arrowRight'}
            onClick={() => setListing(!listing)}
          >
            {listing ? trans.__('Hide items') : trans.__('Show items and image links')}
          </Button>
          {listing && <ItemList export={one} loadItems={loadItems} />}
        </>
      )}
    </div>
  );
}

interface ManifestProps {
  readonly url: string;
  readonly subjectSet: string;
}

function Manifest({ url, subjectSet }: ManifestProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <div className="jp-EpoExport-manifest">
      <p>
        <Link href={url}>{trans.__('Zooniverse manifest')}</Link>
        <CopyButton text={url} label={trans.__('Copy the manifest’s address')} />
      </p>
      <p className="jp-EpoExport-help">
        {trans.__(
          'Public. Import it into a new subject set, such as “%1”, of your Zooniverse project.',
          subjectSet
        )}
      </p>
    </div>
  );
}

function Counts({ export: { counts, reasons } }: { readonly export: Export }): React.ReactElement {
  const trans = useTranslation();
  return (
    <>
      <table className="jp-EpoExport-counts">
        <caption>
          {trans._n('%2 item', '%2 items', counts.total, formatCount(counts.total))}
        </caption>
        <tbody>
          {fatesOf(counts).map(({ state, count }) => (
            <tr key={state}>
              <td>{formatCount(count)}</td>
              <th scope="row">{fateWords(state, trans)}</th>
            </tr>
          ))}
        </tbody>
      </table>
      {reasons.length > 0 && (
        <>
          <h4>{trans.__('Why some are not published')}</h4>
          <ul className="jp-EpoExport-reasons">
            {reasons.map(({ type, msg, count }) => (
              <li key={`${type} ${msg}`}>
                <strong>{formatCount(count)}</strong> <Prose>{msg}</Prose>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function What({ export: one }: { readonly export: Export }): React.ReactElement {
  const trans = useTranslation();
  const { collections, dataset_type, frame_dimension, metadata_columns, owner, repository } = one;
  const facts: readonly (readonly [string, string])[] = [
    [trans.__('From'), collections.map(pick => pickName(pick, trans)).join(', ')],
    [trans.__('Repository'), repository],
    [trans.__('Dataset type'), dataset_type],
    [trans.__('Metadata'), metadata_columns.join(', ') || trans.__('none')],
    ...(frame_dimension === null ? [] : [[trans.__('Frames by'), frame_dimension] as const]),
    [trans.__('Submitted by'), owner]
  ];
  return (
    <dl className="jp-EpoExport-what">
      {facts.map(([term, fact]) => (
        <React.Fragment key={term}>
          <dt>{term}</dt>
          <dd>{fact}</dd>
        </React.Fragment>
      ))}
    </dl>
  );
}

function Actions(props: ExportDetailsProps): React.ReactElement {
  const { export: one, busy, onAct, onDownload } = props;
  const trans = useTranslation();
  const [asking, setAsking] = React.useState<ExportAction | null>(null);
  const question = asking && questionOf(asking, one.subject_set, trans);
  if (asking && question && one.actions.includes(asking)) {
    return (
      <Confirm
        question={question}
        action={actionWords(asking, trans)}
        onDismiss={() => setAsking(null)}
        onConfirm={() => {
          setAsking(null);
          onAct(asking);
        }}
      />
    );
  }
  const choose = (action: ExportAction) =>
    questionOf(action, one.subject_set, trans) === null ? onAct(action) : setAsking(action);
  return (
    <div className="jp-EpoExport-actions">
      {one.actions.map(action => (
        <Button
          key={action}
          kind={action === 'retry' ? 'primary' : 'plain'}
          disabled={busy}
          onClick={() => choose(action)}
        >
          {questionOf(action, one.subject_set, trans) === null
            ? actionWords(action, trans)
            : `${actionWords(action, trans)}…`}
        </Button>
      ))}
      {one.counts.total > 0 && (
        <Button icon="download" onClick={() => onDownload('items')}>
          {trans.__('Items (CSV)')}
        </Button>
      )}
      {one.state === 'PUBLISHED' && (
        <Button icon="download" onClick={() => onDownload('crosswalk')}>
          {trans.__('Crosswalk (CSV)')}
        </Button>
      )}
    </div>
  );
}
