/** The panel's commands. Their arguments come from outside, so each is checked; `describedBy` is what they take. */
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { listOf, object, optional, text, wordOf } from './api/json';
import type { PickKind } from './api/types';
import { exportIcon } from './icon';
import type { ExportModel } from './model/model';
import type { PreviewTarget } from './model/preview';
import type { Previews } from './previews';
import type { Tab } from './tokens';

export const COMMANDS = {
  open: 'rsp-epo-export:open',
  refresh: 'rsp-epo-export:refresh',
  preview: 'rsp-epo-export:preview',
  submit: 'rsp-epo-export:submit',
  showExport: 'rsp-epo-export:show-export',
  removeFiles: 'rsp-epo-export:remove-files'
} as const;

export interface CommandOptions {
  readonly app: JupyterFrontEnd;
  readonly model: ExportModel;
  readonly previews: Previews;
  readonly trans: TranslationBundle;
  /** The panel's widget. */
  readonly panelId: string;
}

/** Registers the commands. */
export function addCommands({ app, model, previews, trans, panelId }: CommandOptions): void {
  const { commands, shell } = app;

  commands.addCommand(COMMANDS.open, {
    label: args =>
      args['isLauncher'] ? trans.__('Zooniverse Export') : trans.__('Export to Zooniverse'),
    caption: trans.__('Send cutouts from a Butler collection to a Zooniverse project'),
    icon: exportIcon,
    describedBy: { args: describe(OPEN_SCHEMA) },
    execute: args => {
      const { tab, repository, collection } = openArgs(args, 'args');
      if (tab) {
        model.show(tab);
      }
      if (repository !== undefined && collection !== undefined) {
        model.reveal(repository, collection);
      }
      shell.activateById(panelId);
    }
  });

  commands.addCommand(COMMANDS.refresh, {
    label: trans.__('Refresh Collections and Exports'),
    describedBy: { args: describe({}) },
    execute: () => model.refresh()
  });

  commands.addCommand(COMMANDS.preview, {
    label: trans.__('Preview Cutouts'),
    caption: trans.__(
      'Preview the cutouts of a collection; without arguments, of the first one picked'
    ),
    icon: exportIcon,
    describedBy: { args: describe(PREVIEW_SCHEMA, ['repository', 'name', 'kind']) },
    isEnabled: args => 'name' in args || model.picks.length > 0,
    execute: args => {
      const target = 'name' in args ? targetOf(args) : firstPick(model);
      return target && previews.open(target);
    }
  });

  commands.addCommand(COMMANDS.submit, {
    label: trans.__('Submit Collections to EPO'),
    caption: trans.__('Show the draft of a submission; with arguments, of these collections'),
    icon: exportIcon,
    describedBy: { args: describe(SUBMIT_SCHEMA, ['repository', 'collections']) },
    execute: args => {
      if ('collections' in args) {
        const { repository, collections, dataset_type } = submitArgs(args, 'args');
        model.pick({ repository, collections, datasetType: dataset_type });
      }
      model.show('submit');
      shell.activateById(panelId);
    }
  });

  commands.addCommand(COMMANDS.showExport, {
    label: trans.__('Show an Export'),
    describedBy: { args: describe({ export_id: { type: 'string' } }, ['export_id']) },
    isVisible: () => false, // It needs to be told which.
    execute: args => {
      model.show('exports', exportArgs(args, 'args').export_id);
      shell.activateById(panelId);
    }
  });

  commands.addCommand(COMMANDS.removeFiles, {
    label: trans.__('Remove Exported Files'),
    caption: trans.__('Show what would be removed of an export, and what would stay'),
    describedBy: { args: describe({ export_id: { type: 'string' } }, ['export_id']) },
    isVisible: () => false, // It needs to be told of which.
    execute: args => {
      shell.activateById(panelId);
      return model.lookAtRemoval(exportArgs(args, 'args').export_id);
    }
  });
}

/** What {@link COMMANDS.preview} takes to open `target` again. */
export function previewArgs({
  repository,
  pick,
  run,
  datasetType
}: PreviewTarget): ReadonlyJSONObject {
  return {
    repository,
    name: pick.name,
    kind: pick.kind,
    ...(run !== undefined && { run }),
    ...(datasetType !== undefined && { dataset_type: datasetType })
  };
}

const TABS: Readonly<Record<Tab, true>> = { collections: true, submit: true, exports: true };
const KINDS: Readonly<Record<PickKind, true>> = { run: true, chain: true, prefix: true };

const OPEN_SCHEMA: ReadonlyJSONObject = {
  tab: { type: 'string', enum: Object.keys(TABS) },
  repository: { type: 'string', description: 'The label of a Butler repository.' },
  collection: { type: 'string', description: 'The name of one of its collections, to be shown.' }
};

const PREVIEW_SCHEMA: ReadonlyJSONObject = {
  repository: { type: 'string', description: 'The label of a Butler repository.' },
  name: { type: 'string', description: 'The name of a collection, or of a prefix of names.' },
  kind: { type: 'string', enum: Object.keys(KINDS) },
  run: { type: 'string', description: 'The run to look at, where the pick covers several.' },
  dataset_type: { type: 'string' }
};

const SUBMIT_SCHEMA: ReadonlyJSONObject = {
  repository: { type: 'string', description: 'The label of a Butler repository.' },
  collections: {
    type: 'array',
    items: {
      type: 'object',
      properties: { name: { type: 'string' }, kind: { type: 'string', enum: Object.keys(KINDS) } },
      required: ['name', 'kind']
    }
  },
  dataset_type: { type: 'string' }
};

const openArgs = object({
  tab: optional(wordOf(TABS)),
  repository: optional(text),
  collection: optional(text)
});
const exportArgs = object({ export_id: text });
const submitArgs = object({
  repository: text,
  collections: listOf(object({ name: text, kind: wordOf(KINDS) })),
  dataset_type: optional(text)
});
const previewTarget = object({
  repository: text,
  name: text,
  kind: wordOf(KINDS),
  run: optional(text),
  dataset_type: optional(text)
});

function targetOf(args: ReadonlyPartialJSONObject): PreviewTarget {
  const { repository, name, kind, run, dataset_type } = previewTarget(args, 'args');
  return { repository, pick: { name, kind }, run, datasetType: dataset_type };
}

function firstPick({ draft: { draft } }: ExportModel): PreviewTarget | null {
  const [pick] = draft.collections;
  return pick && draft.repository !== null ? { repository: draft.repository, pick } : null;
}

function describe(properties: ReadonlyJSONObject, required: string[] = []): ReadonlyJSONObject {
  return { type: 'object', properties, required };
}
