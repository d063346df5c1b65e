/** Where a key leads in a grid of pictures, after the ARIA pattern for grids. */

interface Grid {
  readonly count: number;
  readonly columns: number;
  /** Rows on the screen, for Page Up and Page Down. */
  readonly rowsShown: number;
}

/** The index to go to; `null` where the key means nothing here. */
export function gridTarget(
  key: string,
  control: boolean,
  at: number,
  { count, columns, rowsShown }: Grid
): number | null {
  const last = count - 1;
  const clamped = (to: number) => Math.max(0, Math.min(last, to));
  switch (key) {
    case 'ArrowRight':
      return clamped(at + 1);
    case 'ArrowLeft':
      return clamped(at - 1);
    case 'ArrowDown':
      return at + columns <= last ? at + columns : at;
    case 'ArrowUp':
      return at - columns >= 0 ? at - columns : at;
    case 'PageDown':
      return clamped(at + columns * rowsShown);
    case 'PageUp':
      return clamped(at - columns * rowsShown);
    case 'Home':
      return control ? 0 : at - (at % columns);
    case 'End':
      return control ? last : clamped(at - (at % columns) + columns - 1);
    default:
      return null;
  }
}
