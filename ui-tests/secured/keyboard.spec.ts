/** The story without a mouse: only keys that a person can press, and what the focus shows. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';

test('a PI finds, previews, grants and submits a collection by keys alone', async ({ panel }) => {
  const { page, region } = panel;
  const { keyboard } = page;

  await panel.tab('Collections').focus();
  await tabTo(page, 'searchbox', 'Search collections');
  await keyboard.type('batch');
  await expect(panel.row('u/alien/mixed-1')).toBeHidden();
  await keyboard.press('Tab');
  await keyboard.press('Tab');
  await expect(region.getByRole('treeitem', { name: 'Repository demo' })).toBeFocused();
  await keyboard.press('ArrowDown');
  await keyboard.press('ArrowDown');
  const chain = panel.row('u/alien/batch-1');
  await expect(chain).toBeFocused();
  await keyboard.press('Space');
  await expect(chain).toBeChecked();

  await keyboard.press('Enter');
  const preview = panel.preview('u/alien/batch-1');
  await preview.isLoaded();
  await expect(chain.or(preview.region)).not.toHaveCount(0);
  await chain.focus();

  const grant = panel.button('Grant read access');
  const granted = region.getByText(/EPO may read .* until /);
  await expect(grant.or(granted).first()).toBeVisible();
  if (await grant.isVisible()) {
    await tabTo(page, 'button', 'Grant read access');
    await keyboard.press('Enter');
  }
  await expect(granted).toBeVisible();
  await chain.focus();
  await tabTo(page, 'button', 'Continue to Submit');
  await keyboard.press('Enter');

  await panel.tab('Submit').focus();
  const name = region.getByRole('textbox', { name: 'Name of the new project' });
  const projects = region.getByRole('combobox', { name: 'Project' });
  await expect(name.or(projects).first()).toBeVisible();
  if (await name.isVisible()) {
    await tabTo(page, 'textbox', 'Name of the new project');
    await keyboard.type('By keys');
    await keyboard.press('Enter');
  } else {
    await tabTo(page, 'combobox', 'Project');
    await keyboard.press('ArrowDown');
  }
  await expect(projects).not.toHaveValue('');
  await panel.tab('Submit').focus();
  await tabTo(page, 'textbox', 'Subject set');
  await keyboard.press('Control+A');
  await keyboard.type('By keys');
  await expect(panel.button('Submit 20 cutouts')).not.toHaveAttribute('aria-disabled', 'true');
  await tabTo(page, 'button', 'Submit 20 cutouts');
  await keyboard.press('Enter');
  await panel.card('By keys').reaches('Published');

  await panel.tab('Exports').focus();
  await keyboard.press('ArrowRight');
  await expect(panel.tab('Collections')).toBeFocused();
  await expect(panel.tab('Collections')).toHaveAttribute('aria-selected', 'true');
});

/** Presses Tab until the focus is on it. A visible ring is part of the bargain. */
async function tabTo(
  page: Page,
  role: 'button' | 'combobox' | 'searchbox' | 'textbox',
  name: string
) {
  const target = page.getByRole(role, { name, exact: true });
  for (let presses = 0; presses < 60; presses += 1) {
    if (await target.evaluate(element => element === document.activeElement)) {
      const ring = await target.evaluate(element => {
        const { boxShadow, outlineStyle } = getComputedStyle(element);
        return outlineStyle !== 'none' || boxShadow !== 'none';
      });
      expect(ring, `the focus on ${name} can be seen`).toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not lead to the ${role} “${name}”.`);
}
