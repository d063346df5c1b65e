import * as React from 'react';

interface ProgressBarProps {
  readonly done: number;
  /** 0 while it is not known: then the bar only shows that something goes on. */
  readonly total: number;
  /** What goes on, and how far it is. */
  readonly label: string;
}

export function ProgressBar({ done, total, label }: ProgressBarProps): React.ReactElement {
  const known = total > 0;
  const share = known ? Math.min(1, done / total) : 0;
  return (
    <div className="jp-EpoExport-progress">
      <div
        role="progressbar"
        aria-label={label}
        aria-valuetext={label}
        aria-valuemin={known ? 0 : undefined}
        aria-valuemax={known ? total : undefined}
        aria-valuenow={known ? done : undefined}
        className="jp-EpoExport-progressTrack"
      >
        <div
          className={known ? 'jp-EpoExport-progressBar' : 'jp-EpoExport-progressUnknown'}
          style={known ? { width: `${share * 100}%` } : undefined}
        />
      </div>
      <span>{label}</span>
    </div>
  );
}
