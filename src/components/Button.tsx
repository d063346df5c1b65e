import * as React from 'react';
import { classes } from './format';
import { Icon, type IconName } from './Icon';

interface ButtonProps {
  readonly children: React.ReactNode;
  /** None for a button that submits its form. */
  readonly onClick?: (() => void) | undefined;
  readonly kind?: 'primary' | 'plain' | 'danger' | 'link' | undefined;
  readonly icon?: IconName | undefined;
  /** Where it cannot be clicked now; it stays in the order of Tab, so that its description can be read. */
  readonly disabled?: boolean | undefined;
  readonly describedBy?: string | undefined;
  readonly label?: string | undefined;
  /** Of a button that opens something: whether that is open. */
  readonly expanded?: boolean | undefined;
}

/** A button with words. */
export function Button(props: ButtonProps): React.ReactElement {
  const { children, onClick, kind = 'plain', icon, disabled = false } = props;
  return (
    <button
      type={onClick ? 'button' : 'submit'}
      className={classes('jp-EpoExport-button', `jp-EpoExport-button--${kind}`)}
      aria-disabled={disabled || undefined}
      aria-describedby={props.describedBy}
      aria-label={props.label}
      aria-expanded={props.expanded}
      onClick={event => {
        event.stopPropagation();
        if (disabled) {
          event.preventDefault();
        } else {
          onClick?.();
        }
      }}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  /** What it does: its tooltip, and its name for screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean | undefined;
  /** -1 inside a composite that has a key for it. */
  readonly tabIndex?: number | undefined;
  readonly pressed?: boolean | undefined;
}

/** A button with a sign. */
export function IconButton(props: IconButtonProps): React.ReactElement {
  const { icon, label, onClick, disabled = false, tabIndex, pressed } = props;
  return (
    <button
      type="button"
      className="jp-EpoExport-iconButton"
      title={label}
      aria-label={label}
      // Said in either case: inside a row that is disabled, the button is not.
      aria-disabled={disabled}
      aria-pressed={pressed}
      tabIndex={tabIndex}
      onClick={event => {
        event.stopPropagation();
        if (!disabled) {
          onClick();
        }
      }}
    >
      <Icon name={icon} />
    </button>
  );
}
