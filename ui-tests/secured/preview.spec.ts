import { expect, test } from '../support/test.ts';

const COLLECTION = 'u/alien/zooniverse-1';

test('the grid shows real pictures and reaches the last of 320', async ({ panel }) => {
  await panel.button(`Preview ${COLLECTION}`).click();
  const preview = panel.preview(COLLECTION);
  await expect(preview.region.getByText('320 datasets')).toBeVisible();
  await preview.isLoaded();
  // Virtual: far fewer than 320 are in the document, and yet the last comes.
  expect(await preview.cells.count()).toBeLessThan(150);
  await preview.cells.first().focus();
  await expect(async () => {
    await panel.page.keyboard.press('Control+End');
    const last = preview.grid.locator('[data-cutout="319"]');
    await expect(last).toBeFocused({ timeout: 2000 });
  }).toPass({ timeout: 60_000 });
  await preview.isLoaded();
});

test('the large view names the dataset, and goes on and back by keys', async ({ panel }) => {
  await panel.button(`Preview ${COLLECTION}`).click();
  const preview = panel.preview(COLLECTION);
  await preview.cells.first().focus();
  await panel.page.keyboard.press('ArrowRight');
  await panel.page.keyboard.press('Enter');
  const { large } = preview;
  await expect(large.getByText('2 of 320')).toBeVisible();
  const picture = large.getByRole('img', { name: 'Cutout' });
  await expect(picture).toBeVisible();
  await expect(picture).toHaveJSProperty('naturalWidth', 128);
  await expect(large.getByText('htm20')).toBeVisible();
  await expect(large.getByText(/^[0-9a-f]{8}-[0-9a-f]{4}-/)).toBeVisible();

  await panel.page.keyboard.press('ArrowRight');
  await expect(large.getByText('3 of 320')).toBeVisible();
  await large.getByRole('combobox', { name: 'Zoom' }).selectOption('4×');
  await expect.poll(async () => (await picture.boundingBox())?.width).toBe(512);
  await picture.click();
  await large.focus();
  await panel.page.keyboard.press('Escape');
  await expect(large).toBeHidden();
  await expect(preview.grid.locator('[data-cutout="2"]')).toBeFocused();
});

test('a file that is no image says so, among those that are', async ({ panel }) => {
  await panel.button('Preview u/alien/mixed-1').click();
  const preview = panel.preview('u/alien/mixed-1');
  const broken = preview.grid.getByRole('gridcell', { name: /cannot be shown/ });
  await expect(broken.first()).toBeVisible();
  await broken.first().click();
  await expect(preview.large.getByRole('alert')).toContainText(/PNG|picture/);
});
