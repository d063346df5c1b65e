/** What the PI is told, and what they can remove: the panel over a lab that is a table of answers. */
import { render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';
import { ExportModel } from '../model/model';
import { PanelView } from '../widgets/PanelView';
import { COLLECTING, PUBLISHED, TOLD, WORKING } from './support/answers';
import { FakeLab, held, problem, type Answers } from './support/fake-lab';

const RUN = 'u/alien/zooniverse-1';
const WHOLE = { plan: 'abc', count: 308, runs: [{ run: RUN, count: 308, gone: 0, stays: [] }] };
const PART = {
  plan: 'abc',
  count: 300,
  runs: [
    {
      run: RUN,
      count: 300,
      gone: 8,
      stays: [
        { dataset_type: 'zooniverse_cutout', count: 4 },
        { dataset_type: 'zooniverse_metadata', count: 312 }
      ]
    }
  ]
};
const DONE = { removed: 308, gone: 0, kept: 0, runs: [{ run: RUN, fate: 'removed' }] };

let model: ExportModel | undefined;

afterEach(() => {
  model?.dispose();
});

async function open(answers: Answers = {}, one: object = PUBLISHED) {
  const lab = new FakeLab({
    ...WORKING,
    'GET service/exports': { exports: [one], next_cursor: null },
    'GET butler/removal': WHOLE,
    'POST butler/removal': DONE,
    ...answers
  });
  const made = new ExportModel({ serverSettings: lab.settings });
  model = made;
  await made.connect();
  made.show('exports', PUBLISHED.id);
  render(<PanelView model={made} host={{ openPreview: jest.fn(), saveFile: jest.fn() }} />);
  return { lab, user: userEvent.setup() };
}

const button = (name: string) => screen.findByRole('button', { name });

describe('removing what was exported', () => {
  it('shows what goes, and what a derivative is, before it asks for the PI’s word', async () => {
    const { lab, user } = await open();
    await user.click(await button('Remove your files…'));
    const question = await screen.findByRole('alertdialog', {
      name: 'Remove 308 datasets from your repository?'
    });
    expect(question).toHaveTextContent(
      `${RUN} goes whole: all that is in it are its 308 published datasets.`
    );
    expect(question).toHaveTextContent('What is public is a cleaned derivative');
    expect(await button('Keep my files')).toHaveFocus();
    const [asked] = lab.asked('GET butler/removal');
    expect([asked?.query.get('repository'), asked?.query.get('export_id')]).toEqual([
      'demo',
      PUBLISHED.id
    ]);
    expect(lab.asked('POST butler/removal')).toEqual([]);
  });

  it('removes it at the PI’s word, tells what became of it, and lists the collections anew', async () => {
    const { lab, user } = await open();
    await user.click(await button('Remove your files…'));
    await user.click(await button('Remove 308 datasets'));
    expect(await screen.findByText('308 datasets are removed')).toBeVisible();
    expect(screen.getByText(RUN, { selector: 'code' }).parentElement).toHaveTextContent(
      `${RUN} is removed.`
    );
    expect(lab.asked('POST butler/removal').map(({ body }) => body)).toEqual([
      { repository: 'demo', export_id: PUBLISHED.id, plan: 'abc' }
    ]);
    expect(lab.asked('GET butler/collections')).toHaveLength(2);
    await user.click(await button('Close'));
    expect(await button('Remove your files…')).toBeVisible();
  });

  it('keeps everything where the PI thinks again', async () => {
    const { lab, user } = await open();
    await user.click(await button('Remove your files…'));
    await screen.findByRole('alertdialog');
    await user.keyboard('{Escape}');
    expect(await button('Remove your files…')).toBeVisible();
    expect(lab.asked('POST butler/removal')).toEqual([]);
  });

  it('says what stays where a run holds more', async () => {
    const { user } = await open({ 'GET butler/removal': PART });
    await user.click(await button('Remove your files…'));
    expect(await screen.findByRole('alertdialog')).toHaveTextContent(
      `${RUN} 8 are gone already. loses 300 datasets and stays. What stays in it: 4 of zooniverse_cutout, 312 of zooniverse_metadata.`
    );
  });

  it('says so where nothing is left', async () => {
    const { user } = await open({ 'GET butler/removal': { ...WHOLE, count: 0, runs: [] } });
    await user.click(await button('Remove your files…'));
    expect(await screen.findByText('Nothing of it is left to remove')).toBeVisible();
  });

  it('tells of what was kept, and of a run that stays', async () => {
    const { user } = await open({
      'POST butler/removal': {
        removed: 306,
        gone: 0,
        kept: 2,
        runs: [{ run: RUN, fate: 'in_anothers_chain' }]
      }
    });
    await user.click(await button('Remove your files…'));
    await user.click(await button('Remove 308 datasets'));
    expect(await screen.findByText(/^2 datasets were kept/)).toBeVisible();
    expect(screen.getByText(/a chain of somebody else’s holds it/)).toBeVisible();
  });

  it('is refused in words, with a way to look again', async () => {
    const { lab, user } = await open({
      'POST butler/removal': () => problem(409, 'removal_changed', 'Nothing was removed.')
    });
    await user.click(await button('Remove your files…'));
    await user.click(await button('Remove 308 datasets'));
    expect(await screen.findByText('Something changed since you looked')).toBeVisible();
    await user.click(await button('Try again'));
    expect(await screen.findByRole('alertdialog')).toBeVisible();
    expect(lab.asked('GET butler/removal')).toHaveLength(2);
  });

  it('does not show an answer that the PI no longer waits for', async () => {
    const slow = held(WHOLE);
    const { user } = await open({ 'GET butler/removal': slow.answer });
    await user.click(await button('Remove your files…'));
    expect(await screen.findByText('Looking at your repository…')).toBeVisible();
    model?.removal.dismiss();
    slow.release();
    expect(await button('Remove your files…')).toBeVisible();
    expect(screen.queryByRole('alertdialog')).toBeNull();
  });

  it.each([
    ['the export is not public', COLLECTING, {}],
    ['somebody else submitted it', { ...PUBLISHED, owner: 'bob' }, {}],
    ['the lab does not know its repository', { ...PUBLISHED, repository: 'elsewhere' }, {}]
  ])('is not offered where %s', async (_, one, answers) => {
    await open(answers, one);
    expect(await screen.findByText('Submitted by')).toBeVisible();
    expect(screen.queryByRole('button', { name: 'Remove your files…' })).toBeNull();
  });
});

describe('what the PI is told', () => {
  const told = { 'GET service/notifications': { notifications: TOLD, next_cursor: null } };

  it('is listed, newest first', async () => {
    const { user } = await open(told);
    const toggle = await button('Messages (2)');
    expect(toggle).toHaveAttribute('aria-expanded', 'false');
    await user.click(toggle);
    const [newest, older] = within(screen.getByRole('region', { name: 'Messages' })).getAllByRole(
      'listitem'
    );
    expect(newest).toHaveTextContent('can be removed');
    expect(older).toHaveTextContent('308 items are published, and 4 left out');
    const { manifest_url: manifest } = PUBLISHED;
    expect(screen.getByRole('link', { name: String(manifest) })).toHaveAttribute('href', manifest);
  });

  it('leads to the export that it is about', async () => {
    const one = { ...PUBLISHED, id: '00000000-0000-4000-8000-000000000009' };
    const { user } = await open({
      'GET service/exports': { exports: [PUBLISHED, one], next_cursor: null },
      'GET service/notifications': {
        notifications: [{ ...TOLD[1], export_id: one.id }],
        next_cursor: null
      }
    });
    expect(model?.exports.openId).toBe(PUBLISHED.id);
    await user.click(await button('Messages (1)'));
    await user.click(await button('Show this export'));
    expect(model?.exports.openId).toBe(one.id);
  });

  it('is text, whatever it looks like', async () => {
    const summary = '<img src=x onerror=alert(1)>';
    const { user } = await open({
      'GET service/notifications': { notifications: [{ ...TOLD[0], summary }], next_cursor: null }
    });
    await user.click(await button('Messages (1)'));
    expect(screen.getByText(summary)).toBeVisible();
  });

  it('says so where it cannot be listed, and the exports are', async () => {
    await open({
      'GET service/notifications': () => problem(503, 'service_unreachable', 'It is away.')
    });
    expect(await screen.findByText('What you were told cannot be listed.')).toBeVisible();
    expect(screen.getByRole('list', { name: 'Exports' })).toBeVisible();
  });
});
