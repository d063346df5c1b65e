/** Exports that do not simply end well. */
import { readCsv } from '../support/csv.ts';
import { statusOf } from '../support/public-side.ts';
import { whileHalted } from '../support/service-side.ts';
import { expect, test } from '../support/test.ts';

const PROJECT = 'Fates';

test('of mixed files the good are published, and each bad one is refused by name and reason', async ({
  panel
}) => {
  await panel.pickAndGrant('u/alien/mixed-1');
  await panel.draft('Mixed', PROJECT);
  const card = await panel.submit('Mixed');
  await card.reaches('Published');
  await expect(card.count('published')).toContainText('13');
  await expect(card.count('refused')).toContainText('4');
  await expect(card.element.getByText('Why some are not published')).toBeVisible();

  await card.button('Show items and image links').click();
  await card.element.getByRole('combobox', { name: 'Which items' }).selectOption('4 refused');
  const items = card.element.getByRole('list', { name: 'Items' }).getByRole('listitem');
  await expect(items).toHaveCount(4);
  for (const reason of [
    /16 bits a channel/,
    /ends before its image does/,
    /follow the end of the image/,
    /FITS file, not an image/
  ]) {
    await expect(items.filter({ hasText: reason }).first()).toContainText(/htm20=\d+/);
  }
  await expect(items.getByRole('link')).toHaveCount(0);

  const manifest = readCsv(await (await fetch(await card.manifestUrl())).text());
  expect(manifest).toHaveLength(13);
});

test('an export that is cancelled stops, and what was picked can be submitted again', async ({
  panel
}) => {
  await panel.pickAndGrant('u/alien/batch-1');
  await panel.draft('Given up', PROJECT);
  await whileHalted('worker', async () => {
    const card = await panel.submit('Given up');
    await card.button('Cancel export…').click();
    await card.confirm('Cancel export');
    await card.reaches('Cancelled');
  });
  await panel.pickAndGrant('u/alien/batch-1');
  await panel.draft('Once more', PROJECT);
  const card = await panel.submit('Once more');
  await card.reaches('Published');
  await expect(card.count('published')).toContainText('20');
  await panel.card('Given up').reaches('Cancelled');
});

test('a revoked grant stops an export, and with a new one it is retried', async ({ panel }) => {
  await panel.pickAndGrant('u/alien/zooniverse-1');
  await panel.draft('Interrupted', PROJECT);
  const card = panel.card('Interrupted');
  await whileHalted('worker', async () => {
    await panel.submit('Interrupted');
    await panel.tab('Collections').click();
    await panel.row('u/alien/zooniverse-1').click();
    await panel.button('Revoke EPO’s access to u/alien/zooniverse-1').click();
    await panel.region
      .getByRole('alertdialog')
      .getByRole('button', { name: 'Revoke access' })
      .click();
    await expect(panel.button('Grant read access')).toBeVisible();
  });
  await panel.tab('Exports').click();
  await card.reaches('Stopped');
  await expect(
    card.element
      .getByRole('status')
      .filter({ hasText: /was revoked or has ended/ })
      .first()
  ).toBeVisible();

  await panel.tab('Collections').click();
  await panel.button('Grant read access').click();
  await expect(panel.region.getByText(/EPO may read u\/alien\/zooniverse-1 until/)).toBeVisible();
  await panel.tab('Exports').click();
  await card.button('Retry what failed').click();
  await card.reaches('Published');
  await expect(card.count('published')).toContainText('320');
});

test('a flipbook has its frames in columns; withdrawn, its addresses say that they are gone', async ({
  panel
}) => {
  await panel.pickAndGrant('u/alien/flipbook-1');
  await panel.draft('Flipbook', PROJECT);
  await panel.region
    .getByRole('combobox', { name: 'Dataset type' })
    .selectOption('zooniverse_frame');
  await panel.region
    .getByRole('combobox', { name: 'Frames of a flipbook' })
    .selectOption('day_obs');
  const card = await panel.submit('Flipbook');
  await card.reaches('Published');
  const manifestUrl = await card.manifestUrl();
  const manifest = readCsv(await (await fetch(manifestUrl)).text());
  expect(manifest).toHaveLength(20);
  const [subject] = manifest;
  const frames = [0, 1, 2].map(number => subject?.get(`location:image_${number}`) ?? '');
  expect(new Set(frames).size).toBe(3);
  for (const url of frames) {
    expect(await statusOf(url)).toBe(200);
  }

  await card.button('Withdraw…').click();
  await card.confirm('Withdraw');
  await card.reaches('Withdrawn');
  await expect(card.manifestLink).toBeHidden();
  for (const url of [manifestUrl, ...frames]) {
    expect(await statusOf(url)).toBe(410);
  }
});
