import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';
import { ExportModel } from '../model/model';
import type { PreviewModel, PreviewTarget } from '../model/preview';
import { PreviewView } from '../widgets/PreviewView';
import { datasets, WORKING } from './support/answers';
import { FakeLab, problem, type Answers } from './support/fake-lab';

const ZOONIVERSE: PreviewTarget = {
  repository: 'demo',
  pick: { name: 'u/alien/zooniverse-1', kind: 'run' }
};

let model: ExportModel | undefined;
let preview: PreviewModel | undefined;

afterEach(() => {
  preview?.dispose();
  model?.dispose();
});

function show(answers: Answers = {}, target: PreviewTarget = ZOONIVERSE) {
  const lab = new FakeLab({ ...WORKING, ...answers });
  model = new ExportModel({ serverSettings: lab.settings });
  preview = model.preview(target);
  render(<PreviewView model={model} preview={preview} />);
  return { lab, preview, user: userEvent.setup() };
}

/** A run of 250 datasets, of which the Butler gives 100 a page. */
const PAGED: Answers = {
  'GET butler/datasets': ({ query }) => {
    const first = Number(query.get('after') ?? 1);
    const rest = 251 - first;
    return datasets(first, Math.min(100, rest), rest > 100 ? String(first + 100) : null);
  }
};

const cell = (name: string) => screen.findByRole('gridcell', { name });
const focusOn = (name: string) =>
  waitFor(() => expect(screen.getByRole('gridcell', { name })).toHaveFocus());

describe('the grid', () => {
  it('shows each cutout with its data ID, from the lab’s own address', async () => {
    show();
    const first = await cell('htm20=1');
    expect(within(first).getByText(/htm20=/)).toBeVisible();
    expect(first.querySelector('img')).toHaveAttribute(
      'src',
      'http://lab.test/user/alien/rsp-epo-export/butler/image?repository=demo&id=dataset-1'
    );
    expect(screen.getByText('10 datasets')).toBeVisible();
  });

  it('draws the rows on the screen, not all that came', async () => {
    show(PAGED);
    await cell('htm20=1');
    const drawn = screen.getAllByRole('gridcell').length;
    expect(drawn).toBeGreaterThan(10);
    expect(drawn).toBeLessThan(100);
  });

  it('asks for the next page where the last came to its end, and for none beyond', async () => {
    const { lab, preview: shown } = show(PAGED);
    await cell('htm20=1');
    const grid = screen.getByRole('grid');
    for (const loaded of [200, 250, 250]) {
      fireEvent.scroll(grid, { target: { scrollTop: 1_000_000 } });
      await waitFor(() => expect(shown.datasets).toHaveLength(loaded));
    }
    fireEvent.scroll(grid, { target: { scrollTop: 1_000_000 } });
    await cell('htm20=250');
    expect(lab.asked('GET butler/datasets').map(({ query }) => query.get('after'))).toEqual([
      null,
      '101',
      '201'
    ]);
  });

  it('is walked by arrows, Home and End, and opened by Enter', async () => {
    const { user } = show();
    (await cell('htm20=1')).focus();
    await user.keyboard('{ArrowRight}{ArrowRight}');
    await focusOn('htm20=3');
    await user.keyboard('{ArrowDown}'); // 800 pixels hold five of 128.
    await focusOn('htm20=8');
    await user.keyboard('{Home}');
    await focusOn('htm20=6');
    await user.keyboard('{Control>}{End}{/Control}');
    await focusOn('htm20=10');
    await user.keyboard('{Enter}');
    expect(screen.getByRole('dialog', { name: 'Cutout 10' })).toBeVisible();
  });
});

describe('the large view', () => {
  async function open(answers: Answers = {}) {
    const shown = show(answers);
    await shown.user.click(await cell('htm20=2'));
    return { ...shown, dialog: screen.getByRole('dialog') };
  }

  it('says which it is, its data ID and its dataset ID', async () => {
    const { dialog } = await open();
    expect(within(dialog).getByText('2 of 10')).toBeVisible();
    expect(within(dialog).getByText('htm20')).toBeVisible();
    expect(within(dialog).getByText('dataset-2')).toBeVisible();
  });

  it('copies the dataset ID', async () => {
    const { dialog, user } = await open();
    await user.click(within(dialog).getByRole('button', { name: 'Copy the dataset ID' }));
    expect(await navigator.clipboard.readText()).toBe('dataset-2');
    expect(await within(dialog).findByText('Copied')).toBeInTheDocument();
  });

  it('goes to the next and the previous, and stops at both ends', async () => {
    const { dialog, user } = await open();
    await user.keyboard('{ArrowLeft}{ArrowLeft}{ArrowLeft}');
    expect(within(dialog).getByText('1 of 10')).toBeVisible();
    await user.keyboard('{ArrowRight}'.repeat(12));
    expect(within(dialog).getByText('10 of 10')).toBeVisible();
  });

  it('enlarges pixels by whole factors', async () => {
    const { dialog, user } = await open();
    const picture = within(dialog).getByRole('img');
    Object.defineProperties(picture, { naturalWidth: { value: 64 }, naturalHeight: { value: 32 } });
    fireEvent.load(picture);
    await user.keyboard('++'); // From "fit" to 2×, then 4×.
    expect(picture).toHaveStyle({ width: '256px', height: '128px' });
    await user.keyboard('0');
    expect(picture).not.toHaveStyle({ width: '256px' });
  });

  it('is left by Escape, back to where the PI was', async () => {
    const { user } = await open();
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    await focusOn('htm20=2');
  });

  it('says why a picture cannot be shown', async () => {
    const { dialog } = await open({
      'GET butler/image': () => problem(415, 'not_an_image', 'This is neither a PNG nor a JPEG.')
    });
    fireEvent.error(within(dialog).getByRole('img'));
    expect(await within(dialog).findByRole('alert')).toHaveTextContent('Not a PNG or JPEG');
  });
});

describe('a chain', () => {
  it('shows one of its runs, and the others by choice', async () => {
    const { lab, user } = show(
      {},
      { ...ZOONIVERSE, pick: { name: 'u/alien/batch-1', kind: 'chain' } }
    );
    await cell('htm20=1');
    await user.selectOptions(screen.getByLabelText('Run'), 'u/alien/batch-1/a');
    await cell('htm20=1');
    expect(lab.asked('GET butler/datasets').map(({ query }) => query.get('run'))).toEqual([
      'u/alien/batch-1/b',
      'u/alien/batch-1/a'
    ]);
  });
});

describe('nothing to show', () => {
  it('is said of an empty collection', async () => {
    show({}, { ...ZOONIVERSE, pick: { name: 'u/alien/empty', kind: 'run' } });
    expect(await screen.findByText('This collection holds no datasets yet.')).toBeVisible();
  });

  it('is explained where the collection is gone', async () => {
    show({}, { ...ZOONIVERSE, pick: { name: 'u/alien/gone', kind: 'run' } });
    expect(await screen.findByRole('alert')).toHaveTextContent('The collection is gone');
  });

  it('is explained where the Butler fails, and goes on after a retry', async () => {
    const { lab, user } = show({
      'GET butler/datasets': () => problem(504, 'butler_timeout', 'It took over a minute.')
    });
    expect(await screen.findByRole('alert')).toHaveTextContent('The Butler took too long');
    lab.change({ 'GET butler/datasets': datasets(1, 10, null) });
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    await cell('htm20=1');
  });
});
