/** The output of `EpoExport().show()`, in JupyterLab and in Notebook 7, where it is run and where it was saved. */
import type { Locator, Page } from '@playwright/test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Panel } from '../support/panel.ts';
import { DEMO_DIR } from '../support/places.ts';
import { demoLab, expect, test } from '../support/test.ts';

const COLLECTION = 'u/alien/zooniverse-1';
const NAME = 'show.ipynb';
const FILE = join(DEMO_DIR, 'lab', 'notebooks', NAME);
const SHOW_MIME_TYPE = 'application/vnd.rsp-epo-export.show+json';
const PLACES = [
  ['JupyterLab', `lab/workspaces/show/tree/${NAME}`, '?reset'],
  ['Notebook 7', `notebooks/${NAME}`, '?']
] as const;

for (const [application, path, query] of PLACES) {
  test(`in ${application} the cell that runs opens the panel; its saved output waits for a click`, async ({
    page
  }) => {
    writeNotebook();
    const { origin, searchParams } = new URL(demoLab());
    const address = `${origin}/${path}${query}&token=${searchParams.get('token')}`;
    const panel = new Panel(page);
    const row = panel.row(COLLECTION);

    await page.goto(address);
    const button = page.getByRole('button', {
      name: `Show ${COLLECTION} in “Export to Zooniverse”`
    });
    // A cell that is run before its kernel is ready is not run at all, and JupyterLab says nothing of it.
    await expect(async () => {
      await cellOf(page).click();
      await page.keyboard.press('Control+Enter');
      await expect(button).toBeVisible({ timeout: 30_000 });
    }).toPass({ timeout: 150_000 });
    await expect(panel.region).toBeVisible();
    await expect(row).toBeVisible();

    await page.keyboard.press('Control+s');
    await expect.poll(savedOutputs).toBe(1);
    await page.goto('about:blank');
    await page.goto(address);
    await expect(button).toBeVisible();
    await expect(panel.region).toBeHidden();
    await button.click();
    await expect(panel.region).toBeVisible();
    await expect(row).toBeVisible();
  });
}

function cellOf(page: Page): Locator {
  return page.getByRole('textbox').filter({ hasText: 'EpoExport().show' }).first();
}

/** One cell for the kernel of the stack, and no output. */
function writeNotebook(): void {
  const source = `from rsp_epo_export import EpoExport\nEpoExport().show("${COLLECTION}")`;
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'lsst', display_name: 'LSST', language: 'python' } },
    cells: [
      { cell_type: 'code', id: 'show', metadata: {}, source, outputs: [], execution_count: null }
    ]
  };
  writeFileSync(FILE, JSON.stringify(notebook));
}

function savedOutputs(): number {
  return readFileSync(FILE, 'utf8').split(SHOW_MIME_TYPE).length - 1;
}
