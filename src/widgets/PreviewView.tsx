import * as React from 'react';
import { CutoutGrid } from '../components/CutoutGrid';
import { CutoutView } from '../components/CutoutView';
import { formatCount } from '../components/format';
import { Busy } from '../components/Notice';
import { pickName } from '../components/pick-words';
import { ProblemNotice } from '../components/ProblemNotice';
import { useTranslation } from '../components/translation';
import type { ExportModel } from '../model/model';
import type { PreviewModel } from '../model/preview';
import { useChanges } from './use-changes';

interface PreviewViewProps {
  readonly model: ExportModel;
  readonly preview: PreviewModel;
}

/** The grid of cutouts, or one of them large, below a bar that says what they are. */
export function PreviewView({ model, preview }: PreviewViewProps): React.ReactElement {
  useChanges(model);
  useChanges(preview);
  const { lab } = model.session;
  const butler = model.session.butlerProblem ?? (lab.status === 'failed' ? lab.problem : null);
  if (butler) {
    return <ProblemNotice problem={butler} onRetry={() => void model.refresh()} />;
  }
  return (
    <>
      <PreviewBar preview={preview} />
      <PreviewBody
        key={`${preview.run} ${preview.datasetType}`}
        preview={preview}
        size={model.settings.thumbnailSize}
      />
    </>
  );
}

function PreviewBar({ preview }: { readonly preview: PreviewModel }): React.ReactElement {
  const trans = useTranslation();
  const { datasetType, datasetTypes, run, runs, target, total } = preview;
  return (
    <div className="jp-EpoExport-previewBar">
      <strong className="jp-EpoExport-previewName">{pickName(target.pick, trans)}</strong>
      {runs.length > 1 && (
        <Choice
          label={trans.__('Run')}
          value={run}
          choices={runs.map(({ name }) => name)}
          onChange={name => (preview.run = name)}
        />
      )}
      {datasetTypes.length > 0 && (
        <Choice
          label={trans.__('Dataset type')}
          value={datasetType}
          choices={datasetTypes.map(({ name }) => name)}
          onChange={name => (preview.datasetType = name)}
        />
      )}
      <span role="status" className="jp-EpoExport-dim">
        {total === null
          ? preview.datasets.length > 0 &&
            trans.__('%1 shown, and more below', formatCount(preview.datasets.length))
          : trans._n('%2 dataset', '%2 datasets', total, formatCount(total))}
      </span>
    </div>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | null;
  readonly choices: readonly string[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value, choices, onChange }: ChoiceProps): React.ReactElement {
  return (
    <label className="jp-EpoExport-inlineField">
      {label}
      <select
        className="jp-EpoExport-select"
        value={value ?? ''}
        onChange={event => onChange(event.target.value)}
      >
        {choices.map(choice => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

interface PreviewBodyProps {
  readonly preview: PreviewModel;
  readonly size: number;
}

function PreviewBody({ preview, size }: PreviewBodyProps): React.ReactElement {
  const trans = useTranslation();
  const [active, setActive] = React.useState(0);
  const [opened, setOpened] = React.useState<number | null>(null);
  const box = React.useRef<HTMLDivElement>(null);
  const onMore = React.useCallback(() => void preview.loadMore(), [preview]);
  const { datasets, hasMore, loading, problem, starting, total } = preview;

  const open = opened === null ? undefined : datasets[opened];
  const go = (index: number) => {
    setOpened(index);
    setActive(index);
    if (index >= datasets.length - 2) {
      onMore();
    }
  };
  const close = () => {
    setOpened(null);
    requestAnimationFrame(() =>
      box.current?.querySelector<HTMLElement>(`[data-cutout="${active}"]`)?.focus()
    );
  };

  if (starting) {
    return (
      <Busy>{trans.__('Opening the repository; the Butler takes a few seconds to start…')}</Busy>
    );
  }
  return (
    <div ref={box} className="jp-EpoExport-previewBody">
      {open && opened !== null && (
        <CutoutView
          dataset={open}
          index={opened}
          total={total}
          hasNext={opened < datasets.length - 1}
          url={preview.imageUrl(open.id)}
          whyBroken={id => preview.imageProblem(id)}
          onGo={go}
          onClose={close}
        />
      )}
      {datasets.length > 0 && (
        <div className="jp-EpoExport-gridBox" hidden={open !== undefined}>
          <CutoutGrid
            datasets={datasets}
            total={total}
            hasMore={hasMore && !loading && problem === null}
            size={size}
            active={active}
            imageUrl={id => preview.imageUrl(id)}
            onActive={setActive}
            onOpen={go}
            onMore={onMore}
          />
        </div>
      )}
      {problem && <ProblemNotice problem={problem} onRetry={() => void preview.retry()} />}
      {loading && <Busy>{trans.__('Getting cutouts…')}</Busy>}
      {!loading && !problem && datasets.length === 0 && (
        <p className="jp-EpoExport-empty">
          {preview.datasetType === null
            ? trans.__('This collection holds no datasets yet.')
            : trans.__('There is no %1 in this collection.', preview.datasetType)}
        </p>
      )}
    </div>
  );
}
