import * as React from 'react';
import { fatesOf, progressOf } from '../domain/exports';
import { ExportDetails, type ExportDetailsProps } from './ExportDetails';
import { fateWords, progressWords, stateWords, toneOf } from './export-words';
import { classes, formatCount, formatTime } from './format';
import { Icon } from './Icon';
import { ProgressBar } from './ProgressBar';
import { useTranslation } from './translation';

export interface ExportCardProps extends ExportDetailsProps {
  /** The name of its project; `null` where that is not known. */
  readonly projectName: string | null;
  readonly open: boolean;
  readonly onOpen: (open: boolean) => void;
}

/** One export: what it is, where it stands, how far it is; its details when it is open. */
export function ExportCard(props: ExportCardProps): React.ReactElement {
  const { export: one, projectName, open, onOpen } = props;
  const trans = useTranslation();
  const id = React.useId();
  const progress = progressOf(one);
  const fates = fatesOf(one.counts);
  return (
    <li className="jp-EpoExport-card" data-export={one.id} data-state={one.state}>
      <h3>
        <button
          type="button"
          className="jp-EpoExport-cardTitle"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onOpen(!open)}
        >
          <Icon name={open ? 'arrowDown' : 'arrowRight'} />
          <span className="jp-EpoExport-cardName">{one.subject_set}</span>
          <span
            className={classes('jp-EpoExport-state', `jp-EpoExport-state--${toneOf(one.state)}`)}
          >
            {stateWords(one.state, trans)}
          </span>
        </button>
      </h3>
      <p className="jp-EpoExport-dim">
        {projectName === null
          ? formatTime(one.created)
          : trans.__('%1, %2', projectName, formatTime(one.created))}
      </p>
      {progress && (
        <ProgressBar
          done={progress.done}
          total={progress.total}
          label={progressWords(progress, trans)}
        />
      )}
      {!progress && !open && fates.length > 0 && (
        <p>
          {fates
            .map(fate => trans.__('%1 %2', formatCount(fate.count), fateWords(fate.state, trans)))
            .join(' · ')}
        </p>
      )}
      <div id={id}>{open && <ExportDetails {...props} />}</div>
    </li>
  );
}
