import * as React from 'react';
import { Icon } from './Icon';

interface LinkProps {
  readonly href: string;
  readonly children: React.ReactNode;
}

/** A link out of the lab, in a tab of its own. What is no web address (hostile input) stays plain text. */
export function Link({ href, children }: LinkProps): React.ReactElement {
  return /^https?:\/\//i.test(href) ? (
    <a className="jp-EpoExport-link" href={href} target="_blank" rel="noreferrer noopener">
      {children}
      <Icon name="external" />
    </a>
  ) : (
    <span>{children}</span>
  );
}
