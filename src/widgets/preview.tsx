import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { pickName } from '../components/pick-words';
import { TranslationContext } from '../components/translation';
import { exportIcon } from '../icon';
import type { ExportModel } from '../model/model';
import type { PreviewModel } from '../model/preview';
import { PreviewView } from './PreviewView';

/** The cutouts of one pick, in the main area. */
export class PreviewWidget extends ReactWidget {
  constructor(model: ExportModel, preview: PreviewModel, trans: TranslationBundle) {
    super();
    this._model = model;
    this.preview = preview;
    this._trans = trans;
    const name = pickName(preview.target.pick, trans);
    this.addClass('jp-EpoExport-preview');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Preview of %1', name));
    this.title.icon = exportIcon;
    this.title.label = name.split('/').at(-1) || name;
    this.title.caption = trans.__('Preview of %1 in %2', name, preview.target.repository);
    this.title.closable = true;
  }

  readonly preview: PreviewModel;

  override dispose(): void {
    this.preview.dispose();
    super.dispose();
  }

  protected override render(): React.ReactElement {
    return (
      <TranslationContext.Provider value={this._trans}>
        <PreviewView model={this._model} preview={this.preview} />
      </TranslationContext.Provider>
    );
  }

  private readonly _model: ExportModel;
  private readonly _trans: TranslationBundle;
}
