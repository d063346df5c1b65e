import * as React from 'react';
import type { DatasetType } from '../api/lab-types';
import type { Problem } from '../api/problem';
import type { CollectionPick, PreflightReport } from '../api/types';
import { SUBJECT_SET_MAX, type CompleteDraft, type Draft, type Obstacle } from '../domain/draft';
import type { Loadable } from '../domain/loadable';
import { Button } from './Button';
import { Field } from './Field';
import { formatCount } from './format';
import { GrantControl, type GrantControlProps } from './GrantControl';
import { MetadataField } from './MetadataField';
import { Notice } from './Notice';
import { obstacleWords } from './obstacle-words';
import { PickList } from './PickTray';
import { PreflightSummary } from './PreflightSummary';
import { ProblemNotice } from './ProblemNotice';
import { ProjectField, type ProjectFieldProps } from './ProjectField';
import { useTranslation } from './translation';

export interface SubmitFormProps {
  readonly draft: CompleteDraft;
  readonly grants: GrantControlProps;
  readonly project: ProjectFieldProps;
  readonly datasetTypes: readonly DatasetType[];
  /** The dimensions of the data IDs; empty while they are not known. */
  readonly dimensions: readonly string[];
  readonly preflight: Loadable<PreflightReport>;
  readonly obstacles: readonly Obstacle[];
  readonly submitting: boolean;
  /** Why the last submission failed. */
  readonly problem: Problem | null;
  /** An earlier attempt, changed since, may have been taken. */
  readonly earlierUnknown: boolean;
  readonly onChange: (change: Partial<Draft>) => void;
  readonly onDrop: (pick: CollectionPick) => void;
  readonly onPreview: (pick: CollectionPick) => void;
  readonly onChooseCollections: () => void;
  readonly onShowExports: () => void;
  readonly onCheck: () => void;
  readonly onSubmit: () => void;
}

/** The submission: what, for which project, under what name, and what EPO says to it before the click. */
export function SubmitForm(props: SubmitFormProps): React.ReactElement {
  const { draft, grants, dimensions, onChange } = props;
  const trans = useTranslation();
  if (!draft.collections.length) {
    return <NothingPicked {...props} />;
  }
  return (
    <div className="jp-EpoExport-form">
      <Step title={trans.__('1. What to export')}>
        <PickList picks={draft.collections} onDrop={props.onDrop} onPreview={props.onPreview} />
        <Button kind="link" onClick={props.onChooseCollections}>
          {trans.__('Choose collections…')}
        </Button>
        <DatasetTypeField {...props} />
      </Step>
      <Step title={trans.__('2. Read access for EPO')}>
        <GrantControl {...grants} />
      </Step>
      <Step title={trans.__('3. Where it goes')}>
        <ProjectField {...props.project} />
        <Field
          label={trans.__('Subject set')}
          help={trans.__('The name of the set of subjects on the Zooniverse.')}
        >
          {attributes => (
            <input
              {...attributes}
              type="text"
              className="jp-EpoExport-input"
              maxLength={SUBJECT_SET_MAX}
              value={draft.subjectSet}
              onChange={event => onChange({ subjectSet: event.target.value })}
            />
          )}
        </Field>
        <MetadataField
          columns={draft.metadataColumns}
          suggestions={dimensions}
          onChange={metadataColumns => onChange({ metadataColumns })}
        />
        <FrameField {...props} />
      </Step>
      <Step title={trans.__('4. Check and submit')}>
        <SubmitStep {...props} />
      </Step>
    </div>
  );
}

function NothingPicked({ onChooseCollections }: SubmitFormProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <div className="jp-EpoExport-empty">
      <p>{trans.__('Nothing is picked yet.')}</p>
      <p className="jp-EpoExport-dim">
        {trans.__('An export takes the cutouts of one or more of your collections.')}
      </p>
      <Button kind="primary" onClick={onChooseCollections}>
        {trans.__('Choose collections')}
      </Button>
    </div>
  );
}

interface StepProps {
  readonly title: string;
  readonly children: React.ReactNode;
}

function Step({ title, children }: StepProps): React.ReactElement {
  const id = React.useId();
  return (
    <section className="jp-EpoExport-step" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  );
}

function DatasetTypeField({ draft, datasetTypes, onChange }: SubmitFormProps): React.ReactElement {
  const trans = useTranslation();
  return (
    <Field
      label={trans.__('Dataset type')}
      help={
        datasetTypes.length
          ? trans.__('EPO takes PNG and JPEG images, such as zooniverse_cutout holds.')
          : trans.__('Your picks hold no datasets yet.')
      }
    >
      {attributes => (
        <select
          {...attributes}
          className="jp-EpoExport-select"
          value={draft.datasetType ?? ''}
          onChange={event => onChange({ datasetType: event.target.value || null })}
        >
          <option value="">{trans.__('Choose a dataset type…')}</option>
          {datasetTypes.map(({ name, storage_class, count }) => (
            <option key={name} value={name} title={storage_class}>
              {count === null ? name : trans.__('%1 (%2)', name, formatCount(count))}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function FrameField({ draft, dimensions, onChange }: SubmitFormProps): React.ReactElement {
  const trans = useTranslation();
  const chosen = draft.frameDimension;
  const choices = chosen === null ? dimensions : [...new Set([...dimensions, chosen])];
  return (
    <Field
      label={trans.__('Frames of a flipbook')}
      help={trans.__(
        'If several images make one subject, choose the dimension in which they differ, such as the night. At most 10 frames a subject.'
      )}
    >
      {attributes => (
        <select
          {...attributes}
          className="jp-EpoExport-select"
          value={chosen ?? ''}
          onChange={event => onChange({ frameDimension: event.target.value || null })}
        >
          <option value="">{trans.__('None: each image is a subject')}</option>
          {choices.map(dimension => (
            <option key={dimension} value={dimension}>
              {dimension}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function SubmitStep(props: SubmitFormProps): React.ReactElement {
  const { obstacles, preflight, problem, submitting, earlierUnknown, onSubmit } = props;
  const trans = useTranslation();
  const why = React.useId();
  const total = preflight.status === 'ready' ? preflight.value.total : 0;
  return (
    <>
      <PreflightSummary preflight={preflight} onRetry={props.onCheck} />
      {earlierUnknown && (
        <Notice
          tone="warning"
          actions={<Button onClick={props.onShowExports}>{trans.__('Look under Exports')}</Button>}
        >
          <p>
            {trans.__(
              'Your last attempt got no answer, and you changed the draft since. It may have been taken: look under Exports before you submit again.'
            )}
          </p>
        </Notice>
      )}
      {problem && (
        <ProblemNotice
          problem={problem}
          lead={trans.__(
            'Your draft is kept. Submitting it again unchanged is safe: it never makes a second export.'
          )}
        />
      )}
      <p className="jp-EpoExport-help">
        {trans.__(
          'EPO copies and checks the cutouts. Nothing is public before EPO’s decision, and your own files stay as they are.'
        )}
      </p>
      {obstacles.length > 0 && (
        <div id={why} className="jp-EpoExport-obstacles">
          {trans.__('Before you can submit:')}
          <ul>
            {obstacles.map(obstacle => (
              <li key={obstacle}>{obstacleWords(obstacle, trans)}</li>
            ))}
          </ul>
        </div>
      )}
      <div className="jp-EpoExport-actions">
        <Button
          kind="primary"
          disabled={obstacles.length > 0 || submitting}
          describedBy={obstacles.length > 0 ? why : undefined}
          onClick={onSubmit}
        >
          {submitting
            ? trans.__('Submitting…')
            : total > 0
              ? trans._n('Submit %2 cutout', 'Submit %2 cutouts', total, formatCount(total))
              : trans.__('Submit')}
        </Button>
      </div>
    </>
  );
}
