import { expect, test } from '../support/test.ts';

test('after a reload the tab, the draft and the preview are where they were', async ({ panel }) => {
  const { page, region } = panel;
  await panel.row('u/alien/mixed-1').click();
  await panel.button('Preview u/alien/mixed-1').first().click();
  await panel.preview('u/alien/mixed-1').isLoaded();
  await panel.tab('Submit').click();
  await region.getByRole('textbox', { name: 'Subject set' }).fill('Half a draft');
  await region.getByRole('textbox', { name: 'Public metadata columns' }).fill('source');
  await panel.button('Add').click();

  // JupyterLab saves a workspace a moment after its last change, and answers 204 when it has.
  await page.waitForResponse(
    response =>
      response.url().includes('/lab/api/workspaces/') &&
      response.request().method() === 'PUT' &&
      (response.request().postData() ?? '').includes('Half a draft') &&
      (response.request().postData() ?? '').includes('"source"')
  );
  await page.reload();
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });

  await expect(panel.tab('Submit')).toHaveAttribute('aria-selected', 'true');
  await expect(region.getByRole('textbox', { name: 'Subject set' })).toHaveValue('Half a draft');
  await expect(region.getByRole('list', { name: 'Chosen columns' })).toContainText('source');
  await expect(panel.tab('Submit')).toContainText('1');
  await page.getByRole('main').getByRole('tab', { name: 'mixed-1' }).click();
  await panel.preview('u/alien/mixed-1').isLoaded();
});
