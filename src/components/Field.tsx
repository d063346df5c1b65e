import * as React from 'react';

interface FieldProps {
  readonly label: string;
  /** One sentence that helps to fill it in. */
  readonly help?: React.ReactNode;
  /** What is wrong with what was filled in. */
  readonly mistake?: string | undefined;
  readonly children: (attributes: {
    readonly id: string;
    readonly 'aria-describedby': string | undefined;
    readonly 'aria-invalid': true | undefined;
  }) => React.ReactNode;
}

/** A control with its label, its help and its mistake, tied together for screen readers. */
export function Field({ label, help, mistake, children }: FieldProps): React.ReactElement {
  const id = React.useId();
  const described = [help && `${id}-help`, mistake && `${id}-mistake`].filter(Boolean).join(' ');
  return (
    <div className="jp-EpoExport-field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': mistake ? true : undefined
      })}
      {help && (
        <p id={`${id}-help`} className="jp-EpoExport-help">
          {help}
        </p>
      )}
      {mistake && (
        <p id={`${id}-mistake`} className="jp-EpoExport-mistake" role="alert">
          {mistake}
        </p>
      )}
    </div>
  );
}
