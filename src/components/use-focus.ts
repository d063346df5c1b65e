import * as React from 'react';

/**
 * Moves the focus to what a key makes the active one of a virtual list: it may not be in the document yet when the
 * key is pressed.
 *
 * @returns a function that takes a selector within `scroller`; with the rendering that follows, what it selects has
 *   the focus, so that the next key, however quick, meets it there
 */
export function useFocus(scroller: React.RefObject<HTMLElement>): (selector: string) => void {
  const wanted = React.useRef<string | null>(null);
  const [, render] = React.useReducer((count: number) => count + 1, 0);
  React.useLayoutEffect(() => {
    if (wanted.current !== null) {
      const target = scroller.current?.querySelector<HTMLElement>(wanted.current);
      wanted.current = null;
      target?.focus();
    }
  });
  return React.useCallback(selector => {
    wanted.current = selector;
    render();
  }, []);
}
