/** Tells the PI what they are told of their exports, wherever they look at the moment. The panel lists the same. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { MessageEvent } from './api/types';
import type { ExportModel } from './model/model';

export interface MessageActions {
  /** Shows an export in the panel. */
  readonly show: (exportId: string) => void;
  /** Shows what would be removed of one. */
  readonly remove: (exportId: string) => void;
}

export function notifyOfMessages(
  model: ExportModel,
  trans: TranslationBundle,
  { show, remove }: MessageActions
): void {
  model.messages.arrived.connect((_, { event, export_id, summary }) => {
    if (!model.settings.notify) {
      return;
    }
    const showAction = {
      label: trans.__('Show'),
      caption: trans.__('Show this export in the panel'),
      callback: () => show(export_id)
    };
    const removeAction = {
      label: trans.__('Remove files…'),
      caption: trans.__('Show what would be removed, and what would stay'),
      callback: () => remove(export_id)
    };
    Notification.emit(summary, typeOf(event), {
      autoClose: false, // Left at its default, no toast is shown (jupyterlab 15558).
      actions: [event === 'removable' ? removeAction : showAction]
    });
  });
}

function typeOf(event: MessageEvent): Notification.TypeOptions {
  switch (event) {
    case 'published':
    case 'removable':
      return 'success';
    case 'rejected':
    case 'failed':
      return 'error';
    case 'held':
      return 'info';
  }
}
