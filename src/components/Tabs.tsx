import * as React from 'react';
import { classes } from './format';

interface TabItem<T extends string> {
  readonly id: T;
  readonly label: string;
  /** A number beside the label; none where it is 0. */
  readonly badge?: number | undefined;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly TabItem<T>[];
  readonly current: T;
  readonly onChange: (id: T) => void;
  /** What the current tab shows. */
  readonly children: React.ReactNode;
}

/** Tabs after the ARIA pattern: one stop for Tab, arrows between them, the choice follows the focus. */
export function Tabs<T extends string>(props: TabsProps<T>): React.ReactElement {
  const { label, tabs, current, onChange, children } = props;
  const base = React.useId();
  const list = React.useRef<HTMLDivElement>(null);
  const place = tabs.findIndex(({ id }) => id === current);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const target = tabs[targetOf(event.key, place, tabs.length)];
    if (target) {
      event.preventDefault();
      onChange(target.id);
      list.current?.querySelector<HTMLElement>(`[data-tab="${target.id}"]`)?.focus();
    }
  };

  return (
    <>
      <div
        ref={list}
        className="jp-EpoExport-tabs"
        role="tablist"
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        {tabs.map(({ id, label: name, badge }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`${base}-${id}`}
            data-tab={id}
            className={classes('jp-EpoExport-tab')}
            aria-selected={id === current}
            aria-controls={`${base}-panel`}
            tabIndex={id === current ? 0 : -1}
            onClick={() => onChange(id)}
          >
            {name}
            {badge ? <span className="jp-EpoExport-count">{badge}</span> : null}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id={`${base}-panel`}
        className="jp-EpoExport-tabPanel"
        aria-labelledby={`${base}-${current}`}
      >
        {children}
      </div>
    </>
  );
}

function targetOf(key: string, place: number, length: number): number {
  switch (key) {
    case 'ArrowRight':
      return (place + 1) % length;
    case 'ArrowLeft':
      return (place - 1 + length) % length;
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return -1;
  }
}
