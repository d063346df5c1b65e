/** What the user can set; `schema/plugin.json` describes it to them. */
import { flag, object, text, whole, type Check } from '../api/json';

export interface Settings {
  /** Days for which a grant is offered first. */
  readonly grantDays: number;
  /** Side of a cutout in the preview's grid, in pixels. */
  readonly thumbnailSize: number;
  /** The dataset type that is chosen first, where a collection has it. */
  readonly datasetType: string;
  /** Whether a notification tells of each message. */
  readonly notify: boolean;
}

export const DEFAULT_SETTINGS: Settings = {
  grantDays: 30,
  thumbnailSize: 128,
  datasetType: 'zooniverse_cutout',
  notify: true
};

export const settingsCheck: Check<Settings> = object({
  grantDays: whole,
  thumbnailSize: whole,
  datasetType: text,
  notify: flag
});
