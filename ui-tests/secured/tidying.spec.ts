/** What a PI is told of their exports, and the removal of what is public. It comes last, since it leaves less. */
import { collectionsBelow, pruneDatasets } from '../support/butler.ts';
import { statusOf } from '../support/public-side.ts';
import { expect, test } from '../support/test.ts';

const PROJECT = 'Tidy';
/** One run of the chain is left with its cutouts alone; the other has metadata beside them. */
const BARE = 'u/alien/batch-1/20260902T010203Z';
const RICH = 'u/alien/batch-1/20260901T010203Z';

test('a PI is told that an export is public and its files can go, and removes them', async ({
  panel
}) => {
  const { page, region } = panel;
  await pruneDatasets(BARE, 'zooniverse_metadata');
  await panel.pickAndGrant('u/alien/batch-1');
  await panel.draft('Done with', PROJECT);
  const card = await panel.submit('Done with');
  await card.reaches('Published');
  const manifestUrl = await card.manifestUrl();

  await test.step('it is told as a notification, and in the panel', async () => {
    await expect(page.getByText('Your export “Done with” is public').first()).toBeVisible();
    await panel.button(/^Messages \(\d+\)$/).click();
    const messages = region.getByRole('region', { name: 'Messages' }).getByRole('listitem');
    await expect(messages.nth(0)).toContainText(
      'Your files of “Done with” have been retrieved and verified, and can be removed'
    );
    await expect(messages.nth(1)).toContainText('All 20 items are published.');
    await expect(messages.nth(1).getByRole('link')).toHaveAttribute('href', manifestUrl);
    await panel.button(/^Messages \(\d+\)$/).click();
  });

  await test.step('the notification leads to what would go, and what would stay', async () => {
    await panel.tab('Collections').click();
    await page.getByRole('button', { name: 'Remove files…' }).first().click();
    const question = card.element.getByRole('alertdialog', {
      name: 'Remove 20 datasets from your repository?'
    });
    await expect(question.getByRole('listitem')).toHaveText([
      `${RICH} loses 10 datasets and stays. What stays in it: 10 of zooniverse_metadata.`,
      `${BARE} goes whole: all that is in it are its 10 published datasets.`
    ]);
    await expect(question).toContainText('a cleaned derivative');
  });

  await test.step('the files go, a run that is empty goes too, and what is public stays', async () => {
    expect(await collectionsBelow('u/alien/batch-1/')).toEqual([RICH, BARE]);
    await card.confirm('Remove 20 datasets');
    await expect(card.element.getByText('20 datasets are removed')).toBeVisible();
    expect(await collectionsBelow('u/alien/batch-1/')).toEqual([RICH]);
    expect(await statusOf(manifestUrl)).toBe(200);
    await card.button('Close').click();
    await card.button('Remove your files…').click();
    await expect(card.element.getByText('Nothing of it is left to remove')).toBeVisible();
  });
});

test('what EPO refused stays in its run', async ({ panel }) => {
  await panel.pickAndGrant('u/alien/mixed-1');
  await panel.draft('Partly done with', PROJECT);
  const card = await panel.submit('Partly done with');
  await card.reaches('Published');
  await card.button('Remove your files…').click();
  await expect(card.element.getByRole('alertdialog')).toContainText(
    'u/alien/mixed-1 loses 13 datasets and stays. What stays in it: 4 of zooniverse_cutout'
  );
  await card.confirm('Remove 13 datasets');
  await expect(card.element.getByText('13 datasets are removed')).toBeVisible();
  await expect(card.element.getByText(/stays, with what else is in it/)).toBeVisible();
  expect(await collectionsBelow('u/alien/mixed-1')).toEqual(['u/alien/mixed-1']);
});
