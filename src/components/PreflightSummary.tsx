import * as React from 'react';
import type { PreflightReport } from '../api/types';
import type { Loadable } from '../domain/loadable';
import { formatCount } from './format';
import { Busy, Notice } from './Notice';
import { Prose } from './Prose';
import { ProblemNotice } from './ProblemNotice';
import { useTranslation } from './translation';

interface PreflightSummaryProps {
  readonly preflight: Loadable<PreflightReport>;
  readonly onRetry: () => void;
}

/** What the service would take, said before the click. */
export function PreflightSummary(props: PreflightSummaryProps): React.ReactElement | null {
  const { preflight, onRetry } = props;
  const trans = useTranslation();
  switch (preflight.status) {
    case 'idle':
      return null;
    case 'loading':
      return <Busy>{trans.__('Asking EPO what this would take…')}</Busy>;
    case 'failed':
      return (
        <ProblemNotice
          problem={preflight.problem}
          lead={trans.__('Nothing was submitted: the check before it did not work.')}
          onRetry={onRetry}
        />
      );
    case 'ready':
      return <Report report={preflight.value} />;
  }
}

function Report({ report }: { readonly report: PreflightReport }): React.ReactElement {
  const trans = useTranslation();
  const { collections, problems, total, warnings } = report;
  const runs = new Set(collections.flatMap(({ runs }) => runs.map(({ name }) => name))).size;
  return (
    <div className="jp-EpoExport-preflight">
      {problems.map(problem => (
        <Notice key={`${problem.type} ${problem.msg}`} tone="error">
          <p>
            <Prose>{problem.msg}</Prose>
          </p>
        </Notice>
      ))}
      {total > 0 && (
        <>
          <p>
            <strong>
              {trans._n('%2 cutout', '%2 cutouts', total, formatCount(total))}{' '}
              {trans._n('from %1 run', 'from %1 runs', runs)}
            </strong>
          </p>
          <ul className="jp-EpoExport-facts">
            {collections.map(collection => (
              <CollectionLine key={collection.name} collection={collection} />
            ))}
          </ul>
        </>
      )}
      {warnings.map(warning => (
        <Notice key={`${warning.type} ${warning.msg}`} tone="warning">
          <p>
            <Prose>{warning.msg}</Prose>
          </p>
        </Notice>
      ))}
    </div>
  );
}

interface CollectionLineProps {
  readonly collection: PreflightReport['collections'][number];
}

function CollectionLine({ collection }: CollectionLineProps): React.ReactElement {
  const trans = useTranslation();
  const { name, runs, left_out } = collection;
  const count = runs.reduce((sum, run) => sum + run.count, 0);
  return (
    <li>
      {trans.__('%1: %2', name, formatCount(count))}
      {runs.length > 1 && (
        <ul>
          {runs.map(run => (
            <li key={run.name}>{trans.__('%1: %2', run.name, formatCount(run.count))}</li>
          ))}
        </ul>
      )}
      {left_out.length > 0 && (
        <p className="jp-EpoExport-mistake">
          {trans.__('Left out, since they are not yours: %1', left_out.join(', '))}
        </p>
      )}
    </li>
  );
}
