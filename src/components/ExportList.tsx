import * as React from 'react';
import type { Problem } from '../api/problem';
import type { Table } from '../api/service';
import type { Export, ExportAction } from '../api/types';
import { passes, type ExportFilter } from '../domain/exports';
import type { Loadable } from '../domain/loadable';
import { Button } from './Button';
import { ExportCard } from './ExportCard';
import { filterWords } from './export-words';
import type { LoadItems } from './ItemList';
import { Busy } from './Notice';
import { ProblemNotice } from './ProblemNotice';
import type { RemovalProps } from './Removal';
import { useTranslation } from './translation';

export interface ExportListProps {
  readonly exports: Loadable<readonly Export[]>;
  readonly filter: ExportFilter;
  readonly openId: string | null;
  readonly busyId: string | null;
  readonly actionProblem: { readonly id: string; readonly problem: Problem } | null;
  /** Why the list is not fresh. */
  readonly staleBecause: Problem | null;
  readonly hasMore: boolean;
  readonly projectName: (id: string) => string | null;
  readonly loadItems: LoadItems;
  /** How the files of an export are removed; `null` where they cannot be from here. */
  readonly removalOf: (exported: Export) => RemovalProps | null;
  readonly onFilter: (filter: ExportFilter) => void;
  readonly onOpen: (id: string | null) => void;
  readonly onAct: (id: string, action: ExportAction) => void;
  readonly onDownload: (id: string, table: Table) => void;
  readonly onMore: () => void;
  readonly onRetry: () => void;
  readonly onStart: () => void;
}

const FILTERS: readonly ExportFilter[] = ['all', 'under_way', 'needs_you', 'public', 'ended'];

/** The PI's exports, newest first. */
export function ExportList(props: ExportListProps): React.ReactElement {
  const { exports, filter, staleBecause, onFilter, onRetry, onStart } = props;
  const trans = useTranslation();
  switch (exports.status) {
    case 'idle':
    case 'loading':
      return <Busy>{trans.__('Getting your exports…')}</Busy>;
    case 'failed':
      return (
        <ProblemNotice
          problem={exports.problem}
          lead={trans.__('Your exports could not be listed. Those under way go on.')}
          onRetry={onRetry}
        />
      );
    case 'ready':
      break;
  }
  if (!exports.value.length) {
    return (
      <div className="jp-EpoExport-empty">
        <p>{trans.__('No exports yet.')}</p>
        <p className="jp-EpoExport-dim">
          {trans.__('What you submit appears here, and you can follow it until it is public.')}
        </p>
        <Button kind="primary" onClick={onStart}>
          {trans.__('Choose collections')}
        </Button>
      </div>
    );
  }
  const shown = exports.value.filter(one => passes(filter, one));
  return (
    <>
      {staleBecause && (
        <ProblemNotice
          problem={staleBecause}
          lead={trans.__('This list may be out of date.')}
          onRetry={onRetry}
        />
      )}
      <select
        className="jp-EpoExport-select"
        aria-label={trans.__('Which exports')}
        value={filter}
        onChange={event => onFilter(FILTERS.find(other => other === event.target.value) ?? 'all')}
      >
        {FILTERS.map(choice => {
          const count = exports.value.filter(one => passes(choice, one)).length;
          return (
            <option key={choice} value={choice}>
              {trans.__('%1 (%2)', filterWords(choice, trans), count)}
            </option>
          );
        })}
      </select>
      {shown.length === 0 && (
        <p className="jp-EpoExport-empty">{trans.__('None of your exports is in this group.')}</p>
      )}
      <ul className="jp-EpoExport-cards" aria-label={trans.__('Exports')}>
        {shown.map(one => (
          <Card key={one.id} {...props} one={one} />
        ))}
      </ul>
      {props.hasMore && <Button onClick={props.onMore}>{trans.__('Show older exports')}</Button>}
    </>
  );
}

function Card(props: ExportListProps & { readonly one: Export }): React.ReactElement {
  const { one, openId, busyId, actionProblem, onOpen, onAct, onDownload } = props;
  return (
    <ExportCard
      export={one}
      projectName={props.projectName(one.project_id)}
      open={one.id === openId}
      busy={one.id === busyId}
      problem={actionProblem?.id === one.id ? actionProblem.problem : null}
      loadItems={props.loadItems}
      removal={props.removalOf(one)}
      onOpen={open => onOpen(open ? one.id : null)}
      onAct={action => onAct(one.id, action)}
      onDownload={table => onDownload(one.id, table)}
    />
  );
}
