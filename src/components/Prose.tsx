import * as React from 'react';

/** A sentence from a server, as text; what it puts between backticks is set as code. */
export function Prose({ children }: { readonly children: string }): React.ReactElement {
  const parts = children.split(/`([^`]+)`/);
  return (
    <>
      {parts.map((part, index) =>
        index % 2 ? (
          <code key={index}>{part}</code>
        ) : (
          <React.Fragment key={index}>{part}</React.Fragment>
        )
      )}
    </>
  );
}
