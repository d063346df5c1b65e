/** What the views ask of JupyterLab. */
import type { PreviewTarget } from '../model/preview';

export interface Host {
  /** Opens a preview in the main area. */
  openPreview(target: PreviewTarget): void;
  /** Saves a text as a file of the browser's. */
  saveFile(name: string, text: string): void;
}
