/** Previews in the main area: opened once for each pick, and restored with the layout. */
import { type ILabShell, type JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ExportModel } from './model/model';
import type { PreviewTarget } from './model/preview';
import { PreviewWidget } from './widgets/preview';

export type PreviewTracker = WidgetTracker<MainAreaWidget<PreviewWidget>>;

export class Previews {
  /** @param labShell - `null` in Notebook 7, whose main area holds one document: previews go to the right. */
  constructor(
    app: JupyterFrontEnd,
    labShell: ILabShell | null,
    model: ExportModel,
    trans: TranslationBundle
  ) {
    this._app = app;
    this._area = labShell ? 'main' : 'right';
    this._model = model;
    this._trans = trans;
  }

  readonly tracker: PreviewTracker = new WidgetTracker({ namespace: 'rsp-epo-export-preview' });

  /** Opens the preview of a pick, or shows the one that is open. */
  open(target: PreviewTarget): MainAreaWidget<PreviewWidget> {
    const id = previewId(target);
    let widget = this.tracker.find(other => other.id === id);
    if (!widget) {
      const preview = this._model.preview(target);
      widget = new MainAreaWidget({
        content: new PreviewWidget(this._model, preview, this._trans)
      });
      widget.id = id;
      const opened = widget;
      preview.stateChanged.connect(() => void this.tracker.save(opened));
      this._app.shell.add(widget, this._area, { type: 'EPO export preview' });
      void this.tracker.add(widget);
    }
    this._app.shell.activateById(id);
    return widget;
  }

  private readonly _app: JupyterFrontEnd;
  private readonly _area: 'main' | 'right';
  private readonly _model: ExportModel;
  private readonly _trans: TranslationBundle;
}

/** One preview for each pick. */
export function previewId({ repository, pick }: PreviewTarget): string {
  return `rsp-epo-export:preview:${repository}:${pick.kind}:${pick.name}`;
}
