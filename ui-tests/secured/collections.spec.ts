import { expect, test } from '../support/test.ts';

test('the PI’s own collections come first, with type and content', async ({ panel }) => {
  const groups = panel.region.getByRole('treeitem', { level: 2 });
  await expect(groups).toHaveText([/^Yours: u\/alien/, /^Other people’s/]);
  await expect(panel.row('u/alien/zooniverse-1')).toContainText('320 zooniverse_cutout');
  await expect(panel.row('u/alien/zooniverse-1')).toContainText('RUN');
  await expect(panel.row('u/alien/batch-1')).toContainText('CHAINED');
  await expect(panel.row('u/alien/empty')).toContainText('empty');
});

test('another’s run can be seen and not be picked, and the reason is said', async ({ panel }) => {
  await panel.region.getByRole('treeitem', { name: /^Other people’s/ }).click();
  const other = panel.row('u/other/private-1');
  await expect(other).toBeVisible();
  await expect(other).toBeDisabled();
  await expect(other).toHaveAttribute('aria-description', /Only its owner can let EPO read it/);
  await other.click({ force: true });
  await expect(other).not.toBeChecked();
  await expect(
    panel.region.getByText('Belongs to u/other. Only its owner can let EPO read it.')
  ).toBeVisible();
  await expect(panel.tab('Submit')).toHaveText('Submit');
});

test('search finds by name and by dataset type', async ({ panel }) => {
  const search = panel.region.getByRole('searchbox', { name: 'Search collections' });
  await search.fill('frame');
  await expect(panel.row('u/alien/flipbook-1')).toBeVisible();
  await expect(panel.row('u/alien/zooniverse-1')).toBeHidden();
  await search.fill('private');
  await expect(panel.row('u/other/private-1')).toBeVisible();
  await panel.region.getByRole('checkbox', { name: /^Only mine/ }).check();
  await expect(panel.row('u/other/private-1')).toBeHidden();
});

test('a chain is picked as a whole, with the runs to come', async ({ panel }) => {
  await panel.row('u/alien/batch-1').click();
  await expect(panel.row('u/alien/batch-1')).toBeChecked();
  await expect(panel.region.getByText('All its runs, those to come too.')).toBeVisible();
  await panel.button('Drop u/alien/batch-1').click();
  await expect(panel.row('u/alien/batch-1')).not.toBeChecked();
});
