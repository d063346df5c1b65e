/** Registers the panel with JupyterLab or Notebook 7. Everything but the application is optional. */
import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { addCommands, COMMANDS, previewArgs } from './commands';
import { ExportModel } from './model/model';
import { settingsCheck } from './model/settings';
import type { StateStore, UiState } from './model/ui-state';
import { notifyOfMessages } from './notifications';
import { Previews } from './previews';
import { saveFile } from './save-file';
import { IExportModel } from './tokens';
import { ExportPanel } from './widgets/panel';

const PLUGIN_ID = 'rsp-epo-export:plugin';

export const plugin: JupyterFrontEndPlugin<IExportModel> = {
  id: PLUGIN_ID,
  description: 'Exports cutouts from a Butler collection to EPO, for a Zooniverse project.',
  autoStart: true,
  provides: IExportModel,
  optional: [
    ITranslator,
    ISettingRegistry,
    IStateDB,
    ILayoutRestorer,
    ICommandPalette,
    ILauncher,
    ILabShell
  ],
  activate
};

function activate(
  app: JupyterFrontEnd,
  translator: ITranslator | null,
  settings: ISettingRegistry | null,
  state: IStateDB | null,
  restorer: ILayoutRestorer | null,
  palette: ICommandPalette | null,
  launcher: ILauncher | null,
  labShell: ILabShell | null
): IExportModel {
  const trans = (translator ?? nullTranslator).load('rsp_epo_export');
  const model = new ExportModel({
    serverSettings: app.serviceManager.serverSettings,
    store: state ? storeIn(state) : undefined
  });
  const previews = new Previews(app, labShell, model, trans);
  const host = {
    openPreview: previews.open.bind(previews),
    saveFile
  };
  const panel = new ExportPanel(model, host, trans);
  addCommands({ app, model, previews, trans, panelId: panel.id });
  notifyOfMessages(model, trans, {
    show: id => void app.commands.execute(COMMANDS.showExport, { export_id: id }),
    remove: id => void app.commands.execute(COMMANDS.removeFiles, { export_id: id })
  });

  app.shell.add(panel, 'left', { rank: 650, type: 'EPO export' });
  restorer?.add(panel, panel.id);
  void restorer?.restore(previews.tracker, {
    command: COMMANDS.preview,
    args: ({ content }) => previewArgs(content.preview.target),
    name: ({ id }) => id
  });

  const category = trans.__('Zooniverse Export');
  for (const command of [COMMANDS.open, COMMANDS.refresh, COMMANDS.preview, COMMANDS.submit]) {
    palette?.addItem({ command, category });
  }
  launcher?.add({
    command: COMMANDS.open,
    category: trans.__('Other'),
    args: { isLauncher: true }
  });

  void applySettings(model, settings);
  void model.restore().then(following => {
    // Exports of the last session are still under way: their PI wants to hear of them.
    if (following) {
      void model.connect();
    }
  });
  return model;
}

/** Takes the user's settings, now and whenever they change. */
async function applySettings(model: ExportModel, registry: ISettingRegistry | null): Promise<void> {
  try {
    const settings = await registry?.load(PLUGIN_ID);
    if (settings) {
      const apply = () => {
        model.settings = settingsCheck(settings.composite, 'settings');
      };
      apply();
      settings.changed.connect(apply);
    }
  } catch (error) {
    console.warn('rsp-epo-export: the settings could not be read; the defaults are used.', error);
  }
}

/** What is saved is plain data; interfaces only lack the index signature that JSON types ask for. */
function jsonOf(state: UiState): ReadonlyPartialJSONObject {
  return {
    ...state,
    tree: { ...state.tree },
    draft: { ...state.draft, collections: state.draft.collections.map(pick => ({ ...pick })) },
    attempt: { ...state.attempt }
  };
}

function storeIn(state: IStateDB): StateStore {
  return {
    fetch: () => state.fetch(PLUGIN_ID),
    save: kept => state.save(PLUGIN_ID, jsonOf(kept))
  };
}
