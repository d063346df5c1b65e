import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import * as React from 'react';
import { CollectionTree } from '../components/CollectionTree';
import { problemOf } from '../api/problem';
import type { CollectionPick, Grant } from '../api/types';
import type { GrantState } from '../domain/grants';
import { failed, LOADING, ready, type Loadable } from '../domain/loadable';
import type { Collection } from '../api/lab-types';
import { treeRows } from '../domain/tree';
import { COLLECTIONS, DEMO_ENTRY, GRANT, ME, run } from './support/answers';

interface TreeOptions {
  readonly collections?: Loadable<readonly Collection[]>;
  readonly picks?: readonly CollectionPick[];
  readonly folded?: readonly string[];
  readonly grants?: readonly Grant[];
  readonly exportable?: boolean;
  readonly readOnly?: boolean;
}

/** The tree over a tiny model: what is folded and picked is kept, as in the panel. */
function Tree(props: TreeOptions & ReturnType<typeof spies>): React.ReactElement {
  const { collections = ready(COLLECTIONS), grants = [] } = props;
  const { exportable = true, readOnly = false } = props;
  const [folded, setFolded] = React.useState<readonly string[]>(props.folded ?? []);
  const [picks, setPicks] = React.useState<readonly CollectionPick[]>(props.picks ?? []);
  const rows = treeRows({
    repositories: [{ ...DEMO_ENTRY, readOnly, serviceLabel: exportable ? 'demo' : null }],
    collections: new Map([['demo', collections]]),
    me: ME,
    isExpanded: id => !folded.some(part => id.endsWith(part)),
    search: '',
    ownOnly: false,
    pickedRepository: picks.length ? 'demo' : null,
    picks,
    grantStateOf: (_, pick): GrantState => {
      const grant = grants.find(({ collection }) => collection === pick.name);
      return grant ? { state: 'live', grant } : { state: 'none' };
    }
  });
  return (
    <CollectionTree
      rows={rows}
      onExpand={(id, expanded) =>
        setFolded(expanded ? folded.filter(part => !id.endsWith(part)) : [...folded, id])
      }
      onToggle={(repository, pick) => {
        props.onToggle(repository, pick);
        setPicks([pick]);
      }}
      onPreview={row => void props.onPreview(row.collection.name)}
      onRetry={props.onRetry}
    />
  );
}

function spies() {
  return { onToggle: jest.fn(), onPreview: jest.fn(), onRetry: jest.fn() };
}

function show(options: TreeOptions = {}) {
  const calls = spies();
  render(<Tree {...options} {...calls} />);
  return { ...calls, user: userEvent.setup() };
}

const row = (name: string | RegExp) => screen.getByRole('treeitem', { name });
const focused = () => document.activeElement?.getAttribute('aria-label') ?? '';
const onRow = (start: string) => waitFor(() => expect(focused()).toContain(start));

describe('to screen readers', () => {
  it('each collection says its name, type, content and grant, and its place in the tree', () => {
    show({ grants: [GRANT] });
    const item = row(/^u\/alien\/zooniverse-1, RUN, 312 zooniverse_cutout, EPO may read until/);
    expect(item).toHaveAttribute('aria-level', '3');
    expect(item).toHaveAttribute('aria-checked', 'false');
    expect(row('Repository demo')).toHaveAttribute('aria-expanded', 'true');
  });

  it('a collection of another says that, and why, it cannot be picked', () => {
    show();
    const item = row(/private-1/);
    expect(item).toHaveAttribute('aria-disabled', 'true');
    expect(item).toHaveAccessibleDescription(
      'Belongs to u/other. Only its owner can let EPO read it.'
    );
  });
});

describe('a repository', () => {
  it('says where it is and who named it', () => {
    show();
    expect(screen.getByTitle('/home/alien/repo (named by the repository index)')).toBeVisible();
    expect(screen.queryByText('preview only')).toBeNull();
  });

  it.each([
    [false, /service does not open it/],
    [true, /Butler server serves it, which is read-only/]
  ])('that EPO does not export from says why (read-only: %s)', (readOnly, why) => {
    show({ exportable: false, readOnly });
    expect(row('Repository demo')).toHaveAccessibleDescription(why);
    expect(screen.getByText('preview only')).toHaveAttribute('title', expect.stringMatching(why));
  });
});

describe('by mouse', () => {
  it('a click picks, and the row shows it', async () => {
    const { onToggle, user } = show();
    await user.click(row(/zooniverse-1/));
    expect(onToggle).toHaveBeenCalledWith('demo', { name: 'u/alien/zooniverse-1', kind: 'run' });
    expect(row(/zooniverse-1/)).toHaveAttribute('aria-checked', 'true');
  });

  it('a click on what cannot be picked says why instead', async () => {
    const { onToggle, user } = show();
    await user.click(row(/private-1/));
    expect(onToggle).not.toHaveBeenCalled();
    expect(screen.getByText(/^Belongs to u\/other/)).toHaveAttribute('role', 'status');
  });

  it('the eye previews, whoever owns the collection, and picks nothing', async () => {
    const { onPreview, onToggle, user } = show();
    await user.click(screen.getByRole('button', { name: 'Preview u/other/private-1' }));
    expect(onPreview).toHaveBeenCalledWith('u/other/private-1');
    expect(onToggle).not.toHaveBeenCalled();
  });

  it('the box of one’s namespace picks everything below it', async () => {
    const { onToggle, user } = show();
    await user.click(screen.getByTitle('Pick everything below u/alien/, runs to come included'));
    expect(onToggle).toHaveBeenCalledWith('demo', { name: 'u/alien', kind: 'prefix' });
    expect(row(/zooniverse-1/)).toHaveAccessibleDescription(/Covered by/);
  });
});

describe('by keyboard', () => {
  it('Tab leads into the tree once', async () => {
    const { user } = show();
    await user.tab();
    expect(focused()).toBe('Repository demo');
    await user.tab();
    expect(document.body).toHaveFocus();
  });

  it('arrows, Home and End move', async () => {
    const { user } = show();
    await user.tab();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await onRow('u/alien/batch-1');
    await user.keyboard('{End}');
    await onRow('skymaps');
    await user.keyboard('{Home}');
    await onRow('Repository demo');
  });

  it('arrows unfold, go in, go out and fold', async () => {
    const { user } = show({ folded: ['|u/alien/batch-1'] });
    await user.tab();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await onRow('u/alien/batch-1');
    await user.keyboard('{ArrowRight}');
    expect(row(/^u\/alien\/batch-1, CHAINED/)).toHaveAttribute('aria-expanded', 'true');
    await user.keyboard('{ArrowRight}');
    await onRow('u/alien/batch-1/b');
    await user.keyboard('{ArrowLeft}');
    await onRow('u/alien/batch-1, CHAINED');
    await user.keyboard('{ArrowLeft}');
    expect(row(/^u\/alien\/batch-1, CHAINED/)).toHaveAttribute('aria-expanded', 'false');
  });

  it('Space picks a chain as a whole, Enter previews', async () => {
    const { onPreview, onToggle, user } = show();
    await user.tab();
    await user.keyboard('{ArrowDown}{ArrowDown}');
    await onRow('u/alien/batch-1');
    await user.keyboard(' ');
    expect(onToggle).toHaveBeenCalledWith('demo', { name: 'u/alien/batch-1', kind: 'chain' });
    await user.keyboard('{Enter}');
    expect(onPreview).toHaveBeenCalledWith('u/alien/batch-1');
  });
});

describe('what is not there', () => {
  it('is said to be on its way', () => {
    show({ collections: LOADING });
    expect(screen.getByText(/takes a few seconds to start/)).toBeVisible();
  });

  it('is explained where it failed, and can be tried again', async () => {
    const { onRetry, user } = show({ collections: failed(problemOf('butler_died', 'It died.')) });
    expect(screen.getByRole('alert')).toHaveTextContent('The Butler stopped working');
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(onRetry).toHaveBeenCalledWith('demo');
  });

  it('is what a newcomer is told how to make', () => {
    show({ collections: ready([]) });
    expect(screen.getByText(/Put cutouts into a RUN collection below u\/alien\//)).toBeVisible();
  });
});

it('a repository that EPO does not know says that it is for preview only', () => {
  show({ exportable: false });
  expect(screen.getByText('preview only')).toBeVisible();
  expect(row(/zooniverse-1/)).toHaveAccessibleDescription(
    /EPO does not export from this repository/
  );
});

it('draws only what is on the screen', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => run(`u/alien/run-${index}`));
  show({ collections: ready(many) });
  expect(screen.getAllByRole('treeitem').length).toBeLessThan(60);
});
