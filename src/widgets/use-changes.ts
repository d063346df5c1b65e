import type { VDomRenderer } from '@jupyterlab/ui-components';
import * as React from 'react';

/** Draws the component again whenever `model` changes. */
export function useChanges(model: VDomRenderer.IModel): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useEffect(() => {
    const onChange = () => redraw();
    model.stateChanged.connect(onChange);
    return () => {
      model.stateChanged.disconnect(onChange);
    };
  }, [model]);
}
