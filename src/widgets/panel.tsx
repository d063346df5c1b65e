import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TranslationContext } from '../components/translation';
import { exportIcon } from '../icon';
import type { ExportModel } from '../model/model';
import type { Host } from './host';
import { PanelView } from './PanelView';

/** The sidebar. It connects when it is first shown, and says so to the model while it is on the screen. */
export class ExportPanel extends ReactWidget {
  constructor(model: ExportModel, host: Host, trans: TranslationBundle) {
    super();
    this._model = model;
    this._host = host;
    this._trans = trans;
    this.id = 'rsp-epo-export:panel';
    this.addClass('jp-EpoExport-panel');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Export to Zooniverse'));
    this.title.icon = exportIcon;
    this.title.caption = trans.__('Export to Zooniverse through EPO');
  }

  protected override render(): React.ReactElement {
    return (
      <TranslationContext.Provider value={this._trans}>
        <PanelView model={this._model} host={this._host} />
      </TranslationContext.Provider>
    );
  }

  protected override onAfterAttach(): void {
    this._look();
  }

  protected override onAfterShow(): void {
    this._look();
  }

  protected override onBeforeHide(): void {
    this._model.exports.watched = false;
  }

  protected override onBeforeDetach(): void {
    this._model.exports.watched = false;
  }

  private _look(): void {
    if (this.isVisible) {
      this._model.exports.watched = true;
      void this._model.connect();
      this.update();
    }
  }

  private readonly _model: ExportModel;
  private readonly _host: Host;
  private readonly _trans: TranslationBundle;
}
