/** Tells the PI of exports that settled, wherever they look at the moment. The panel tells the same. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Export } from './api/types';
import { toneOf } from './components/export-words';
import type { ExportModel } from './model/model';

/** @param show - shows an export in the panel. */
export function notifyOfSettled(
  model: ExportModel,
  trans: TranslationBundle,
  show: (exportId: string) => void
): void {
  model.exportSettled.connect((_, settled) => {
    if (!model.settings.notify) {
      return;
    }
    Notification.emit(messageOf(settled, trans), typeOf(settled), {
      autoClose: false, // Left at its default, no toast is shown (jupyterlab 15558).
      actions: [
        {
          label: trans.__('Show'),
          caption: trans.__('Show this export in the panel'),
          callback: () => show(settled.id)
        }
      ]
    });
  });
}

function typeOf({ state }: Export): Notification.TypeOptions {
  switch (toneOf(state)) {
    case 'good':
      return 'success';
    case 'bad':
      return 'error';
    case 'waiting':
      return 'info';
    case 'moving':
    case 'over':
      return 'default';
  }
}

function messageOf(
  { subject_set, counts, state, means }: Export,
  trans: TranslationBundle
): string {
  const refused = counts.refused + counts.missing;
  if (state === 'PUBLISHED' && refused > 0) {
    return trans.__(
      '“%1” is public: %2 published, %3 left out with their reasons.',
      subject_set,
      counts.published,
      refused
    );
  }
  if (state === 'PUBLISHED') {
    return trans._n(
      '“%2” is public: %1 cutout published.',
      '“%2” is public: %1 cutouts published.',
      counts.published,
      subject_set
    );
  }
  return trans.__('The export “%1” %2.', subject_set, means);
}
