import * as React from 'react';
import type { RemovalOutcome, RemovalPlan, RunRemoval } from '../api/lab-types';
import type { Removal as RemovalStep } from '../domain/removal';
import { Button } from './Button';
import { Confirm } from './Confirm';
import { formatCount } from './format';
import { Busy, Notice } from './Notice';
import { ProblemNotice } from './ProblemNotice';
import { fateSentence, runSentence } from './removal-words';
import { useTranslation } from './translation';

export interface RemovalProps {
  readonly removal: RemovalStep | null;
  readonly onLook: () => void;
  readonly onRemove: () => void;
  readonly onDismiss: () => void;
}

/** Removing the files of a public export: offered, shown in full, asked, told. */
export function Removal(props: RemovalProps): React.ReactElement {
  const { removal, onLook, onRemove, onDismiss } = props;
  const trans = useTranslation();
  switch (removal?.step) {
    case undefined:
      return (
        <div>
          <p className="jp-EpoExport-help">
            {trans.__(
              'Every published file was read back and compared, so this export no longer needs your own files.'
            )}
          </p>
          <Button onClick={onLook}>{trans.__('Remove your files…')}</Button>
        </div>
      );
    case 'looking':
      return <Busy>{trans.__('Looking at your repository…')}</Busy>;
    case 'asking':
      return removal.plan.count === 0 ? (
        <Nothing runs={removal.plan.runs} onDismiss={onDismiss} />
      ) : (
        <Question plan={removal.plan} onRemove={onRemove} onDismiss={onDismiss} />
      );
    case 'removing':
      return (
        <Busy>
          {trans._n(
            'Removing %2 dataset…',
            'Removing %2 datasets…',
            removal.plan.count,
            formatCount(removal.plan.count)
          )}
        </Busy>
      );
    case 'done':
      return <Outcome outcome={removal.outcome} onDismiss={onDismiss} />;
    case 'failed':
      return <ProblemNotice problem={removal.problem} onRetry={onLook} />;
  }
}

interface QuestionProps {
  readonly plan: RemovalPlan;
  readonly onRemove: () => void;
  readonly onDismiss: () => void;
}

function Question({ plan, onRemove, onDismiss }: QuestionProps): React.ReactElement {
  const trans = useTranslation();
  const count = formatCount(plan.count);
  return (
    <Confirm
      question={trans._n(
        'Remove %2 dataset from your repository?',
        'Remove %2 datasets from your repository?',
        plan.count,
        count
      )}
      keep={trans.__('Keep my files')}
      action={trans._n('Remove %2 dataset', 'Remove %2 datasets', plan.count, count)}
      onDismiss={onDismiss}
      onConfirm={onRemove}
    >
      <Runs runs={plan.runs} />
      <p>
        {trans.__(
          'What is public is a cleaned derivative: all that your files hold besides their pixels was taken off. Your files cannot be brought back.'
        )}
      </p>
    </Confirm>
  );
}

interface NothingProps {
  readonly runs: readonly RunRemoval[];
  readonly onDismiss: () => void;
}

function Nothing({ runs, onDismiss }: NothingProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <Notice
      tone="info"
      title={trans.__('Nothing of it is left to remove')}
      actions={<Button onClick={onDismiss}>{trans.__('Close')}</Button>}
    >
      <Runs runs={runs} />
    </Notice>
  );
}

function Runs({ runs }: { readonly runs: readonly RunRemoval[] }): React.ReactElement {
  const trans = useTranslation();
  return (
    <ul className="jp-EpoExport-reasons">
      {runs.map(one => (
        <li key={one.run}>
          <code>{one.run}</code> {runSentence(one, trans)}
        </li>
      ))}
    </ul>
  );
}

interface OutcomeProps {
  readonly outcome: RemovalOutcome;
  readonly onDismiss: () => void;
}

function Outcome({ outcome, onDismiss }: OutcomeProps): React.ReactElement {
  const { removed, kept, runs } = outcome;
  const trans = useTranslation();
  return (
    <Notice
      tone={kept > 0 ? 'warning' : 'info'}
      title={trans._n(
        '%2 dataset is removed',
        '%2 datasets are removed',
        removed,
        formatCount(removed)
      )}
      actions={<Button onClick={onDismiss}>{trans.__('Close')}</Button>}
    >
      {kept > 0 && (
        <p>
          {trans._n(
            '%2 dataset was kept: its file is not what EPO retrieved.',
            '%2 datasets were kept: their files are not what EPO retrieved.',
            kept,
            formatCount(kept)
          )}
        </p>
      )}
      <ul className="jp-EpoExport-reasons">
        {runs.map(({ run, fate }) => (
          <li key={run}>
            <code>{run}</code> {fateSentence(fate, trans)}
          </li>
        ))}
      </ul>
    </Notice>
  );
}
