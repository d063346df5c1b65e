/** How the panel lives in JupyterLab: its sidebar, its palette, its themes. Driven by JupyterLab's own helpers. */
import { expect, test } from '@jupyterlab/galata';
import { Panel } from '../support/panel.ts';

const PANEL = 'rsp-epo-export:panel';

test('the sidebar opens the panel and closes it', async ({ page }) => {
  await page.sidebar.openTab(PANEL);
  expect(await page.sidebar.isTabOpen(PANEL)).toBe(true);
  const panel = new Panel(page);
  await expect(panel.row('u/alien/zooniverse-1')).toBeVisible();
  await page.sidebar.close('left');
  await expect(panel.region).toBeHidden();
});

test('the palette lists the commands under one category', async ({ page }) => {
  await page.getByRole('menuitem', { name: 'View' }).click();
  await page.getByRole('menuitem', { name: 'Activate Command Palette' }).click();
  await page.getByPlaceholder('SEARCH', { exact: true }).fill('Zooniverse Export');
  for (const label of [
    'Export to Zooniverse',
    'Refresh Collections and Exports',
    'Submit Collections to EPO'
  ]) {
    await expect(
      page.locator('.lm-CommandPalette-itemLabel').getByText(label, { exact: true })
    ).toBeVisible();
  }
});

for (const theme of ['JupyterLab Light', 'JupyterLab Dark', 'JupyterLab Dark High Contrast']) {
  test(`words can be read in the theme ${theme}`, async ({ page }) => {
    await page.theme.setTheme(theme);
    await page.sidebar.openTab(PANEL);
    const panel = new Panel(page);
    await panel.row('u/alien/zooniverse-1').click();
    await expect(panel.button(/Grant read access|Continue to Submit/).first()).toBeVisible();
    expect(await faintWords(panel)).toEqual([]);
    await panel.tab('Submit').click();
    await expect(panel.region.getByRole('heading', { name: '4. Check and submit' })).toBeVisible();
    expect(await faintWords(panel)).toEqual([]);
    await panel.tab('Exports').click();
    await expect(
      panel.region
        .getByRole('list', { name: 'Exports' })
        .or(panel.region.getByText('No exports yet.'))
    ).toBeVisible();
    expect(await faintWords(panel)).toEqual([]);
  });
}

/** Texts of the panel whose contrast with what is behind them is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
async function faintWords(panel: Panel): Promise<string[]> {
  return panel.region.evaluate(region => {
    const colour = (text: string) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = 1;
      const context = canvas.getContext('2d');
      if (!context) {
        throw new Error('This browser has no canvas.');
      }
      context.fillStyle = text;
      context.fillRect(0, 0, 1, 1);
      return [...context.getImageData(0, 0, 1, 1).data];
    };
    const over = (top: number[], bottom: number[]) => {
      const share = (top[3] ?? 255) / 255;
      return [0, 1, 2].map(at => (top[at] ?? 0) * share + (bottom[at] ?? 0) * (1 - share));
    };
    const luminance = (rgb: number[]) =>
      [0.2126, 0.7152, 0.0722].reduce((sum, weight, at) => {
        const part = (rgb[at] ?? 0) / 255;
        return sum + weight * (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      }, 0);
    const behind = (element: Element | null): number[] =>
      element === null
        ? [255, 255, 255]
        : over(colour(getComputedStyle(element).backgroundColor), behind(element.parentElement));

    const faint: string[] = [];
    const texts = document.createTreeWalker(region, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement;
      const words = texts.currentNode.textContent?.trim();
      // What cannot be used now may be faint (WCAG says so too).
      if (
        !element ||
        !words ||
        !element.checkVisibility() ||
        element.closest('[aria-disabled=true], option')
      ) {
        continue;
      }
      const back = behind(element);
      const one = luminance(over(colour(getComputedStyle(element).color), back));
      const other = luminance(back);
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      if (contrast < 4.5) {
        faint.push(`${words}: ${contrast.toFixed(2)}`);
      }
    }
    return faint;
  });
}
