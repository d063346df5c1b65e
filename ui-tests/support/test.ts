/** What every test of the demo's own lab begins with: a person in JupyterLab with the panel open. */
import { test as base, type Page, type TestInfo } from '@playwright/test';
import { Panel } from './panel.ts';
import { TARGET } from './places.ts';

export { expect } from '@playwright/test';

export interface Options {
  /** The address of the lab whose parts can be broken, with its token. */
  readonly faultyLab: string;
}

interface Fixtures {
  /** JupyterLab, in a workspace of this test's own; nothing is open. */
  readonly lab: Page;
  /** The panel, open. */
  readonly panel: Panel;
}

export const test = base.extend<Options & Fixtures>({
  faultyLab: ['', { option: true }],
  lab: async ({ page }, use, info) => {
    await (TARGET ? openTarget(page, TARGET, info) : openLab(page, demoLab(), info));
    await use(page);
  },
  panel: async ({ lab }, use) => {
    const panel = new Panel(lab);
    await panel.open();
    await use(panel);
  }
});

/** The lab's address with its token, from the line that the demo prints when it is up. */
export function demoLab(): string {
  const ready: unknown = JSON.parse(process.env['UI_DEMO'] ?? '{}');
  if (typeof ready === 'object' && ready !== null && 'lab' in ready) {
    return String(ready.lab);
  }
  throw new Error('The demo said nothing of its lab. Run these tests by `playwright test`.');
}

/**
 * Opens JupyterLab in a workspace of the test's own, so that no test sees another's tabs and drafts.
 *
 * @param address - of the lab, with its token
 */
export async function openLab(page: Page, address: string, info: TestInfo): Promise<void> {
  const { origin, search } = new URL(address);
  await page.goto(`${origin}/lab/workspaces/${info.testId}${search}&reset`);
  await isOpen(page);
}

/** The token goes in a header, which a lab of JupyterHub takes where it takes none from an address; to that lab alone. */
async function openTarget(
  page: Page,
  { origin, base, token }: NonNullable<typeof TARGET>,
  info: TestInfo
): Promise<void> {
  await page.route(
    url => url.origin === origin,
    async route =>
      route.continue({
        headers: { ...route.request().headers(), authorization: `token ${token}` }
      })
  );
  await page.goto(`${base}/lab/workspaces/${info.testId}?reset`);
  await isOpen(page);
}

async function isOpen(page: Page): Promise<void> {
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
  // In a new workspace JupyterLab opens its file browser and its launcher last, and each takes the focus.
  await page.locator('#filebrowser').waitFor();
  await page.getByRole('main').getByRole('tab', { name: 'Launcher' }).waitFor();
}
