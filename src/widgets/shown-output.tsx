import type { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { ShownOutput } from '../components/ShownOutput';
import { TranslationContext } from '../components/translation';
import { SHOW_MIME_TYPE, shownCheck, type Shown } from '../domain/show';

/** What `EpoExport().show()` is in a notebook. It does nothing but when it is clicked. */
export class ShownOutputWidget extends ReactWidget implements IRenderMime.IRenderer {
  constructor(trans: TranslationBundle, open: (shown: Shown) => void) {
    super();
    this._trans = trans;
    this._open = open;
    this.addClass('jp-EpoExport-shown');
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._shown = shownIn(model.data[SHOW_MIME_TYPE]);
    this.update();
    await this.renderPromise;
  }

  protected override render(): React.ReactElement {
    return (
      <TranslationContext.Provider value={this._trans}>
        <ShownOutput shown={this._shown} onOpen={this._open} />
      </TranslationContext.Provider>
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _open: (shown: Shown) => void;
  private _shown: Shown | null = null;
}

/** `null` for what is not of this version. */
export function shownIn(data: unknown): Shown | null {
  try {
    return shownCheck(data, SHOW_MIME_TYPE);
  } catch {
    return null;
  }
}
