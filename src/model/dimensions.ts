/** The dimensions of the draft's data IDs: what could tell frames apart, or be published as metadata. */
import { VDomModel } from '@jupyterlab/ui-components';
import type { ButlerApi } from '../api/butler';

export class DimensionsModel extends VDomModel {
  constructor(butler: ButlerApi) {
    super();
    this._butler = butler;
  }

  /** Empty while nothing is known. */
  get names(): readonly string[] {
    return this._names;
  }

  /** Looks at one dataset of a run. `null` for any of them: there is nothing to look at. */
  async look(
    repository: string | null,
    run: string | null,
    datasetType: string | null
  ): Promise<void> {
    const subject = JSON.stringify([repository, run, datasetType]);
    if (subject === this._subject) {
      return;
    }
    this._subject = subject;
    let names: readonly string[] = [];
    if (repository !== null && run !== null && datasetType !== null) {
      try {
        const page = await this._butler.datasets(repository, run, datasetType, null, 1);
        names = Object.keys(page.datasets[0]?.data_id ?? {});
      } catch {
        names = []; // They are only suggestions, and a name can be typed.
      }
    }
    if (subject === this._subject && !this.isDisposed) {
      this._names = names;
      this.stateChanged.emit();
    }
  }

  private readonly _butler: ButlerApi;
  private _subject = '';
  private _names: readonly string[] = [];
}
