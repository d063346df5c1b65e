import * as React from 'react';
import type { Dataset } from '../api/lab-types';
import type { Problem } from '../api/problem';
import { Button, IconButton } from './Button';
import { CopyButton } from './CopyButton';
import { formatCount } from './format';
import { ProblemNotice } from './ProblemNotice';
import { useTranslation } from './translation';

export interface CutoutViewProps {
  readonly dataset: Dataset;
  readonly index: number;
  /** How many there are in all; `null` where that is not known. */
  readonly total: number | null;
  readonly hasNext: boolean;
  readonly url: string;
  /** Why the picture does not load; `null` where it does now. */
  readonly whyBroken: (id: string) => Promise<Problem | null>;
  readonly onGo: (index: number) => void;
  readonly onClose: () => void;
}

const ZOOMS = [1, 2, 4, 8, 16] as const;

/** One cutout, large, its pixels as they are; next and previous by arrows, back by Escape. */
export function CutoutView(props: CutoutViewProps): React.ReactElement {
  const { dataset, index, total, hasNext, url, onGo, onClose } = props;
  const trans = useTranslation();
  const view = React.useRef<HTMLDivElement>(null);
  /** `null`: as large as there is room. */
  const [zoom, setZoom] = React.useState<number | null>(null);
  React.useEffect(() => view.current?.focus(), []);

  const step = (by: number) => {
    const place = zoom === null ? 0 : ZOOMS.findIndex(other => other === zoom);
    setZoom(ZOOMS[Math.max(0, Math.min(ZOOMS.length - 1, place + by))] ?? null);
  };

  const onKeyDown = (event: React.KeyboardEvent) => {
    const action = keyAction(event.key, { onClose, step, fit: () => setZoom(null) });
    const go = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (action) {
      event.preventDefault();
      event.stopPropagation();
      action();
    } else if (go !== 0) {
      event.preventDefault();
      if (go > 0 ? hasNext : index > 0) {
        onGo(index + go);
      }
    }
  };

  return (
    <div
      ref={view}
      className="jp-EpoExport-view"
      role="dialog"
      aria-label={trans.__('Cutout %1', index + 1)}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="jp-EpoExport-viewBar">
        <IconButton
          icon="previous"
          label={trans.__('Previous cutout')}
          disabled={index === 0}
          onClick={() => onGo(index - 1)}
        />
        <span role="status">
          {total === null
            ? formatCount(index + 1)
            : trans.__('%1 of %2', formatCount(index + 1), formatCount(total))}
        </span>
        <IconButton
          icon="next"
          label={trans.__('Next cutout')}
          disabled={!hasNext}
          onClick={() => onGo(index + 1)}
        />
        <label className="jp-EpoExport-inlineField">
          {trans.__('Zoom')}
          <select
            className="jp-EpoExport-select"
            value={zoom ?? ''}
            onChange={event => setZoom(Number(event.target.value) || null)}
          >
            <option value="">{trans.__('Fit')}</option>
            {ZOOMS.map(factor => (
              <option key={factor} value={factor}>
                {factor}×
              </option>
            ))}
          </select>
        </label>
        <span className="jp-EpoExport-spring" />
        <Button icon="close" onClick={onClose}>
          {trans.__('Back to all')}
        </Button>
      </div>
      <Picture key={dataset.id} {...props} url={url} zoom={zoom} />
      <DatasetFacts dataset={dataset} />
    </div>
  );
}

interface Keys {
  readonly onClose: () => void;
  readonly step: (by: number) => void;
  readonly fit: () => void;
}

function keyAction(key: string, { onClose, step, fit }: Keys): (() => void) | null {
  switch (key) {
    case 'Escape':
      return onClose;
    case '+':
    case '=':
      return () => step(1);
    case '-':
      return () => step(-1);
    case '0':
      return fit;
    default:
      return null;
  }
}

function Picture(props: CutoutViewProps & { readonly zoom: number | null }): React.ReactElement {
  const { dataset, url, whyBroken, zoom } = props;
  const trans = useTranslation();
  const [natural, setNatural] = React.useState<{ width: number; height: number } | null>(null);
  const [problem, setProblem] = React.useState<Problem | 'unknown' | null>(null);
  const [attempt, setAttempt] = React.useState(0);
  if (problem !== null) {
    const again = () => {
      setProblem(null);
      setAttempt(attempt + 1);
    };
    return (
      <div className="jp-EpoExport-viewPicture">
        {problem === 'unknown' ? (
          <div role="alert">
            <p>{trans.__('The picture cannot be shown, though its file can be read.')}</p>
            <Button onClick={again}>{trans.__('Try again')}</Button>
          </div>
        ) : (
          <ProblemNotice problem={problem} onRetry={again} />
        )}
      </div>
    );
  }
  const scaled =
    zoom !== null && natural
      ? { width: natural.width * zoom, height: natural.height * zoom, maxWidth: 'none' }
      : undefined;
  return (
    <div className="jp-EpoExport-viewPicture" data-zoom={zoom ?? 'fit'}>
      <img
        key={attempt}
        src={url}
        alt={trans.__('Cutout')}
        style={scaled}
        onLoad={({ currentTarget }) =>
          setNatural({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
        onError={() => {
          void whyBroken(dataset.id).then(why => setProblem(why ?? 'unknown'));
        }}
      />
      {natural && (
        <p className="jp-EpoExport-dim">
          {trans.__('%1 × %2 pixels', natural.width, natural.height)}
        </p>
      )}
    </div>
  );
}

function DatasetFacts({ dataset }: { readonly dataset: Dataset }): React.ReactElement {
  const trans = useTranslation();
  return (
    <dl className="jp-EpoExport-what">
      {Object.entries(dataset.data_id).map(([dimension, value]) => (
        <React.Fragment key={dimension}>
          <dt>{dimension}</dt>
          <dd>{String(value)}</dd>
        </React.Fragment>
      ))}
      <dt>{trans.__('Dataset ID')}</dt>
      <dd>
        <code>{dataset.id}</code>
        <CopyButton text={dataset.id} label={trans.__('Copy the dataset ID')} />
      </dd>
    </dl>
  );
}
