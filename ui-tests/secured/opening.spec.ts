import { Panel } from '../support/panel.ts';
import { expect, test } from '../support/test.ts';

test('the icon in the sidebar opens the panel', async ({ lab }) => {
  const panel = new Panel(lab);
  await panel.sidebarIcon.click();
  await expect(panel.tab('Collections')).toHaveAttribute('aria-selected', 'true');
});

test('the command palette opens the panel', async ({ lab }) => {
  const panel = new Panel(lab);
  await lab.getByRole('menuitem', { name: 'View' }).click();
  await lab.getByRole('menuitem', { name: 'Activate Command Palette' }).click();
  await lab.getByPlaceholder('SEARCH', { exact: true }).fill('Export to Zooniverse');
  const found = lab.locator('.lm-CommandPalette-item');
  await expect(found.filter({ hasText: 'Export to Zooniverse' })).toBeVisible();
  await expect(found).toHaveCount(1); // the palette filters a moment after the typing
  await expect(found).toHaveClass(/lm-mod-active/);
  await lab.keyboard.press('Enter');
  await expect(panel.tab('Collections')).toBeVisible();
});

test('the launcher and the View menu open the panel', async ({ lab }) => {
  const panel = new Panel(lab);
  await lab.getByRole('main').getByText('Zooniverse Export').click();
  await expect(panel.tab('Collections')).toBeVisible();
  await panel.sidebarIcon.click();
  await expect(panel.tab('Collections')).toBeHidden();
  await lab.getByRole('menuitem', { name: 'View' }).click();
  await lab.getByRole('menuitem', { name: 'Export to Zooniverse' }).click();
  await expect(panel.tab('Collections')).toBeVisible();
});
