import * as React from 'react';
import { classes } from './format';
import { Icon } from './Icon';

interface NoticeProps {
  readonly tone: 'info' | 'warning' | 'error';
  readonly title?: string | undefined;
  readonly children?: React.ReactNode;
  /** What the reader can do. */
  readonly actions?: React.ReactNode;
}

/** Something that the PI should read. An error is read aloud at once, the rest when there is a pause. */
export function Notice({ tone, title, children, actions }: NoticeProps): React.ReactElement {
  return (
    <div
      className={classes('jp-EpoExport-notice', `jp-EpoExport-notice--${tone}`)}
      role={tone === 'error' ? 'alert' : 'status'}
    >
      <Icon name={tone === 'info' ? 'info' : 'warning'} />
      <div className="jp-EpoExport-noticeBody">
        {title && <strong>{title}</strong>}
        {children}
        {actions && <div className="jp-EpoExport-actions">{actions}</div>}
      </div>
    </div>
  );
}

/** Something takes a moment. `children` says what. */
export function Busy({ children }: { readonly children: React.ReactNode }): React.ReactElement {
  return (
    <div className="jp-EpoExport-busy" role="status">
      <span className="jp-EpoExport-spinner" aria-hidden="true" />
      <span>{children}</span>
    </div>
  );
}
