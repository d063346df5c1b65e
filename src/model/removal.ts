/** Removing what was exported: first what would go and what would stay, then the PI's word, then what became of it. */
import { VDomModel } from '@jupyterlab/ui-components';
import type { ButlerApi } from '../api/butler';
import { toProblem } from '../api/problem';
import type { Export } from '../api/types';
import type { Removal } from '../domain/removal';
import type { CollectionsModel } from './collections';

export class RemovalModel extends VDomModel {
  constructor(butler: ButlerApi, collections: CollectionsModel) {
    super();
    this._butler = butler;
    this._collections = collections;
  }

  /** The removal that the PI is about, of one export at a time. */
  of(exportId: string): Removal | null {
    return exportId === this._exportId ? this._removal : null;
  }

  /** Whether the lab can get at what was exported. */
  isOffered({ state, repository }: Export): boolean {
    return state === 'PUBLISHED' && this._collections.labelOf(repository) !== null;
  }

  /** Looks what would go. */
  async look(exported: Export): Promise<void> {
    const label = this._collections.labelOf(exported.repository);
    if (label === null) {
      return;
    }
    await this._do(exported.id, { step: 'looking' }, async () => ({
      step: 'asking',
      plan: await this._butler.removalPlan(label, exported.id)
    }));
  }

  /** Does what the PI was shown. */
  async carryOut(exported: Export): Promise<void> {
    const label = this._collections.labelOf(exported.repository);
    const removal = this.of(exported.id);
    if (label === null || removal?.step !== 'asking') {
      return;
    }
    const { plan } = removal;
    await this._do(exported.id, { step: 'removing', plan }, async () => ({
      step: 'done',
      outcome: await this._butler.remove(label, exported.id, plan.plan)
    }));
    await this._collections.reload(label);
  }

  dismiss(): void {
    this._set(null, null);
  }

  private async _do(
    exportId: string,
    during: Removal,
    work: () => Promise<Removal>
  ): Promise<void> {
    this._set(exportId, during);
    const after = await work().catch((error: unknown): Removal => ({
      step: 'failed',
      problem: toProblem(error)
    }));
    if (this._removal === during && !this.isDisposed) {
      this._set(exportId, after);
    }
  }

  private _set(exportId: string | null, removal: Removal | null): void {
    this._exportId = exportId;
    this._removal = removal;
    this.stateChanged.emit();
  }

  private readonly _butler: ButlerApi;
  private readonly _collections: CollectionsModel;
  private _exportId: string | null = null;
  private _removal: Removal | null = null;
}
