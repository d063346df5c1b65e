/** The few signs that the panel uses, in the colour of the text around them. Never the only bearer of a meaning. */
import * as React from 'react';

const SHAPES = {
  arrowRight: 'M6 3l5 5-5 5',
  arrowDown: 'M3 6l5 5 5-5',
  check: 'M3 8.5l3.5 3.5L13 4.5',
  close: 'M4 4l8 8M12 4l-8 8',
  copy: 'M6 6h7v7H6zM10 6V3H3v7h3',
  refresh: 'M13 8a5 5 0 11-1.5-3.5M13 2v3h-3',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M3 13.5h10',
  eye: 'M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 6a2 2 0 100 4 2 2 0 000-4z',
  external: 'M9 3h4v4M13 3L7.5 8.5M11 9.5V13H3V5h3.5',
  key: 'M5.5 7a3 3 0 100 6 3 3 0 000-6zM7.6 7.9L13 2.5M11 4.5l2 2',
  lock: 'M4 7.5h8v6H4zM5.5 7.5V5a2.5 2.5 0 015 0v2.5',
  previous: 'M10 3L5 8l5 5',
  next: 'M6 3l5 5-5 5',
  warning: 'M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.6v.6',
  info: 'M8 2a6 6 0 100 12A6 6 0 008 2zM8 7.2v4M8 4.7v.6'
} as const;

export type IconName = keyof typeof SHAPES;

export function Icon({ name }: { readonly name: IconName }): React.ReactElement {
  return (
    <svg className="jp-EpoExport-icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SHAPES[name]} />
    </svg>
  );
}
