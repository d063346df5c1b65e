import * as React from 'react';
import { Button } from './Button';
import { useTranslation } from './translation';

interface ConfirmProps {
  /** What will happen, and what will not. */
  readonly question: string;
  /** More that the reader should know before. */
  readonly children?: React.ReactNode;
  /** What the safe button says. */
  readonly keep?: string;
  /** The verb, as on the button that asked. */
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onDismiss: () => void;
}

/** Asks before what cannot be undone, in place. The safe answer has the focus, and Escape gives it. */
export function Confirm({
  question,
  children,
  keep,
  action,
  onConfirm,
  onDismiss
}: ConfirmProps): React.ReactElement {
  const trans = useTranslation();
  const id = React.useId();
  const box = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    box.current?.querySelector<HTMLButtonElement>('button')?.focus();
  }, []);
  return (
    <div
      ref={box}
      className="jp-EpoExport-confirm"
      role="alertdialog"
      aria-labelledby={id}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          onDismiss();
        }
      }}
    >
      <p id={id}>{question}</p>
      {children}
      <div className="jp-EpoExport-actions">
        <Button onClick={onDismiss}>{keep ?? trans.__('Keep it')}</Button>
        <Button kind="danger" onClick={onConfirm}>
          {action}
        </Button>
      </div>
    </div>
  );
}
