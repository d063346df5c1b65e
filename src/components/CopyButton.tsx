import * as React from 'react';
import { IconButton } from './Button';
import { useTranslation } from './translation';

interface CopyButtonProps {
  readonly text: string;
  /** What is copied, e.g. "the dataset ID". */
  readonly label: string;
}

/** Copies a text, and says that it did. */
export function CopyButton({ text, label }: CopyButtonProps): React.ReactElement {
  const trans = useTranslation();
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => setCopied(false), [text]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false)
    );
  };
  return (
    <>
      <IconButton icon={copied ? 'check' : 'copy'} label={label} onClick={copy} />
      <span role="status" className="jp-EpoExport-srOnly">
        {copied ? trans.__('Copied') : ''}
      </span>
    </>
  );
}
