/** What other extensions may use. */
import type { VDomRenderer } from '@jupyterlab/ui-components';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { CollectionPick, Export } from './api/types';

/** The panel's tabs. */
export type Tab = 'collections' | 'submit' | 'exports';

/** Collections of one repository, to be put into the draft. */
export interface PickRequest {
  /** The lab's label of the repository. */
  readonly repository: string;
  readonly collections: readonly CollectionPick[];
  readonly datasetType?: string | undefined;
}

/** What this lab's user exports to EPO. `stateChanged` is emitted whenever any of it changes. */
export interface IExportModel extends VDomRenderer.IModel {
  /** The tab that the panel shows, or will show. */
  readonly tab: Tab;

  /** The picked collections of the draft. */
  readonly picks: readonly CollectionPick[];

  /** The exports that were listed last, newest first. */
  readonly recentExports: readonly Export[];

  /** An export came into a state that its PI should know of: it is held, public, or it stopped. */
  readonly exportSettled: ISignal<IExportModel, Export>;

  /** Shows one of the panel's tabs; `exportId` opens one export in the list. */
  show(tab: Tab, exportId?: string): void;

  /** Replaces the picks of the draft. */
  pick(request: PickRequest): void;

  /** Asks everything again that the panel shows. */
  refresh(): Promise<void>;
}

export const IExportModel = new Token<IExportModel>(
  'rsp-epo-export:IExportModel',
  'What this user exports from the Butler to EPO: picked collections, draft, exports.'
);
