/** The panel and the previews as a person finds them: by roles, labels and words. */
import { expect, type Locator, type Page } from '@playwright/test';

export class Panel {
  readonly page: Page;
  readonly region: Locator;

  constructor(page: Page) {
    this.page = page;
    this.region = page.getByRole('region', { name: 'Export to Zooniverse', exact: true });
  }

  /** The icon in JupyterLab's left bar. */
  get sidebarIcon(): Locator {
    return this.page.getByRole('tab', { name: 'Export to Zooniverse through EPO' });
  }

  /** Opens it, and waits until it knows what it can show. */
  async open(): Promise<void> {
    await this.sidebarIcon.click();
    await expect(this.tab('Collections')).toBeVisible();
  }

  tab(name: 'Collections' | 'Submit' | 'Exports'): Locator {
    return this.region.getByRole('tab', { name });
  }

  button(name: string | RegExp): Locator {
    return this.region.getByRole('button', { name });
  }

  /** The row of a collection, by its full name. */
  row(collection: string): Locator {
    return this.region.getByRole('treeitem', { name: new RegExp(`^${escaped(collection)},`) });
  }

  preview(collection: string): Preview {
    return new Preview(this.page, collection);
  }

  /** Picks collections and lets EPO read those that it may not read yet. */
  async pickAndGrant(...collections: readonly string[]): Promise<void> {
    await this.tab('Collections').click();
    for (const collection of collections) {
      await this.row(collection).click();
      await expect(this.row(collection)).toBeChecked();
    }
    const grant = this.button('Grant read access');
    const granted = this.region.getByText(/EPO may read .* until /);
    await expect(grant.or(granted).first()).toBeVisible();
    if (await grant.isVisible()) {
      await grant.click();
    }
    await expect(granted).toHaveCount(collections.length);
    await expect(grant).toBeHidden();
  }

  /** Chooses the project, made now where there is none of its name, and names the subject set. */
  async draft(subjectSet: string, project: string): Promise<void> {
    await this.tab('Submit').click();
    const name = this.region.getByRole('textbox', { name: 'Name of the new project' });
    const projects = this.region.getByRole('combobox', { name: 'Project' });
    await expect(name.or(projects).first()).toBeVisible();
    if (!(await projects.getByRole('option', { name: project, exact: true }).count())) {
      if (!(await name.isVisible())) {
        await this.button('New project…').click();
      }
      await name.fill(project);
      await this.button('Create project').click();
    }
    await projects.selectOption({ label: project });
    await this.region.getByRole('textbox', { name: 'Subject set' }).fill(subjectSet);
  }

  /** Submits the draft, and gives the card of the export. */
  async submit(subjectSet: string): Promise<Card> {
    const submit = this.button(/^Submit \d+ cutouts?$/);
    await expect(submit).not.toHaveAttribute('aria-disabled', 'true');
    await submit.click();
    const card = this.card(subjectSet);
    await expect(card.element).toBeVisible();
    return card;
  }

  card(subjectSet: string): Card {
    return new Card(this, subjectSet);
  }
}

/** An export under Exports. */
export class Card {
  readonly element: Locator;
  readonly panel: Panel;
  readonly #subjectSet: string;
  readonly #title: Locator;

  constructor(panel: Panel, subjectSet: string) {
    this.panel = panel;
    this.#subjectSet = subjectSet;
    this.#title = panel.page.getByRole('heading', {
      name: new RegExp(`^${escaped(subjectSet)}\\b`)
    });
    this.element = panel.region
      .getByRole('list', { name: 'Exports' })
      .getByRole('listitem')
      .filter({ has: this.#title });
  }

  /** Waits until the export's card says so. */
  async reaches(state: string): Promise<void> {
    await expect(this.#title).toHaveAccessibleName(`${this.#subjectSet} ${state}`, {
      timeout: 120_000
    });
  }

  button(name: string | RegExp): Locator {
    return this.element.getByRole('button', { name });
  }

  /** The number of items that came to a fate, such as `published`. */
  count(fate: string): Locator {
    return this.element.getByRole('row', { name: new RegExp(`\\d ${escaped(fate)}$`) });
  }

  /** Answers the question that an action asks first. */
  async confirm(action: string): Promise<void> {
    await this.element
      .getByRole('alertdialog')
      .getByRole('button', { name: action, exact: true })
      .click();
  }

  get manifestLink(): Locator {
    return this.element.getByRole('link', { name: 'Zooniverse manifest' });
  }

  async manifestUrl(): Promise<string> {
    const url = await this.manifestLink.getAttribute('href');
    if (url === null) {
      throw new Error('The link to the manifest leads nowhere.');
    }
    return url;
  }

  /** Downloads one of its tables as a person would, and gives where it lies. */
  async download(table: 'Items (CSV)' | 'Crosswalk (CSV)'): Promise<string> {
    const coming = this.panel.page.waitForEvent('download');
    await this.button(table).click();
    return (await coming).path();
  }
}

/** The cutouts of a collection, in the main area. */
export class Preview {
  readonly region: Locator;
  readonly grid: Locator;
  readonly cells: Locator;
  readonly large: Locator;

  constructor(page: Page, collection: string) {
    // The tab's own name: JupyterLab calls what is in it "main area content", whatever it is.
    const name = collection.slice(collection.lastIndexOf('/') + 1);
    this.region = page.getByRole('tabpanel', { name, exact: true });
    this.grid = this.region.getByRole('grid', { name: 'Cutouts' });
    this.cells = this.grid.getByRole('gridcell');
    this.large = this.region.getByRole('dialog');
  }

  /** Waits until every picture on the screen has its pixels. */
  async isLoaded(): Promise<void> {
    await expect(this.cells.first()).toBeVisible();
    await expect(async () => {
      const widths = await this.cells.locator('img').evaluateAll(pictures =>
        pictures
          .filter(picture => {
            const { top, bottom } = picture.getBoundingClientRect();
            return bottom > 0 && top < window.innerHeight;
          })
          .map(picture => (picture instanceof HTMLImageElement ? picture.naturalWidth : 0))
      );
      expect(widths.length).toBeGreaterThan(0);
      expect(Math.min(...widths)).toBeGreaterThan(0);
    }).toPass({ timeout: 45_000 });
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
