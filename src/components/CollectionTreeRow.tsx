import * as React from 'react';
import type {
  CollectionRow,
  GroupRow,
  GroupTitle,
  MessageRow,
  RepositoryRow,
  TreeRow
} from '../domain/tree';
import { IconButton } from './Button';
import { classes, formatCount } from './format';
import { Icon } from './Icon';
import { Busy } from './Notice';
import { blockedWords, contentWords, grantWords, typeWords } from './pick-words';
import { ProblemNotice } from './ProblemNotice';
import { placeWords, previewOnlyWords } from './repository-words';
import { useTranslation, type Translation } from './translation';

interface RowProps {
  readonly row: TreeRow;
  readonly index: number;
  /** Pixels from the top of the tree. */
  readonly offset: number;
  /** Whether Tab leads to this row. */
  readonly active: boolean;
  readonly onFocus: () => void;
  readonly onExpand: (id: string, expanded: boolean) => void;
  readonly onToggle: (row: TreeRow) => void;
  readonly onPreview: (row: CollectionRow) => void;
  readonly onRetry: (repository: string) => void;
}

/** One row of the tree. */
export const CollectionTreeRow = React.forwardRef<HTMLDivElement, RowProps>(
  function CollectionTreeRow(props, ref) {
    const { row, index, offset, active, onFocus, onExpand, onToggle } = props;
    const trans = useTranslation();
    const expanded = row.kind === 'message' ? null : row.expanded;
    const pickable = row.kind === 'collection' || row.kind === 'group';
    const blocked = pickable && row.blocked && !row.picked ? row.blocked : null;
    const reason = blocked ? blockedWords(blocked, trans) : whyPreviewOnly(row, trans);

    const onClick = () => {
      if (row.kind === 'collection') {
        onToggle(row);
      } else if (expanded !== null) {
        onExpand(row.id, !expanded);
      }
    };

    return (
      <div
        ref={ref}
        className={classes(
          'jp-EpoExport-row',
          `jp-EpoExport-row--${row.kind}`,
          blocked && row.kind === 'collection' && 'jp-EpoExport-row--blocked'
        )}
        style={{ transform: `translateY(${offset}px)`, ['--epo-level' as string]: row.level - 1 }}
        data-index={index}
        role="treeitem"
        aria-level={row.level}
        aria-posinset={row.position}
        aria-setsize={row.siblings}
        aria-expanded={expanded ?? undefined}
        aria-checked={pickable && row.pick ? row.picked : undefined}
        aria-disabled={(row.kind === 'collection' && blocked !== null) || undefined}
        aria-label={nameOf(row, trans)}
        aria-description={reason}
        title={row.kind === 'collection' ? reason : undefined}
        tabIndex={active ? 0 : -1}
        onFocus={onFocus}
        onClick={onClick}
      >
        <span
          className="jp-EpoExport-chevron"
          onClick={event => {
            if (expanded !== null) {
              event.stopPropagation();
              onExpand(row.id, !expanded);
            }
          }}
        >
          {expanded !== null && <Icon name={expanded ? 'arrowDown' : 'arrowRight'} />}
        </span>
        {pickable && row.pick && (
          <Box
            state={
              row.picked
                ? 'checked'
                : blocked?.why === 'covered'
                  ? 'covered'
                  : blocked
                    ? 'blocked'
                    : 'free'
            }
            title={row.kind === 'group' ? (reason ?? everythingWords(row, trans)) : reason}
            onClick={() => onToggle(row)}
          />
        )}
        <Content {...props} />
      </div>
    );
  }
);

function whyPreviewOnly(row: TreeRow, trans: Translation): string | undefined {
  const known = row.kind === 'repository' && row.exportable === false;
  return known ? previewOnlyWords(row, trans) : undefined;
}

function Content(props: RowProps): React.ReactElement {
  const { row } = props;
  switch (row.kind) {
    case 'repository':
      return <RepositoryContent row={row} />;
    case 'group':
      return <GroupContent row={row} />;
    case 'collection':
      return <CollectionContent row={row} onPreview={props.onPreview} />;
    case 'message':
      return <MessageContent row={row} onRetry={props.onRetry} />;
  }
}

interface BoxProps {
  readonly state: 'free' | 'checked' | 'covered' | 'blocked';
  readonly title: string | undefined;
  readonly onClick: () => void;
}

/** The check box of a row. The row itself says its state to screen readers. */
function Box({ state, title, onClick }: BoxProps): React.ReactElement {
  return (
    <span
      className={classes('jp-EpoExport-box', `jp-EpoExport-box--${state}`)}
      aria-hidden="true"
      title={title}
      onClick={event => {
        event.stopPropagation();
        onClick();
      }}
    >
      {state === 'blocked' && <Icon name="lock" />}
      {(state === 'checked' || state === 'covered') && <Icon name="check" />}
    </span>
  );
}

function RepositoryContent({ row }: { readonly row: RepositoryRow }): React.ReactElement {
  const trans = useTranslation();
  return (
    <span className="jp-EpoExport-rowText" title={placeWords(row, trans)}>
      <strong>{row.label}</strong>
      {row.exportable === false && (
        <span className="jp-EpoExport-badge" title={previewOnlyWords(row, trans)}>
          {trans.__('preview only')}
        </span>
      )}
    </span>
  );
}

function GroupContent({ row }: { readonly row: GroupRow }): React.ReactElement {
  const trans = useTranslation();
  return (
    <span className="jp-EpoExport-rowText">
      <span>{titleOf(row.title, trans)}</span>
      <span className="jp-EpoExport-dim">{formatCount(row.count)}</span>
    </span>
  );
}

interface CollectionContentProps {
  readonly row: CollectionRow;
  readonly onPreview: (row: CollectionRow) => void;
}

function CollectionContent({ row, onPreview }: CollectionContentProps): React.ReactElement {
  const trans = useTranslation();
  const { shortName } = row;
  const { name, type } = row.collection;
  const cut = shortName.lastIndexOf('/') + 1;
  return (
    <>
      <span className="jp-EpoExport-rowText">
        <span className="jp-EpoExport-rowName" title={name}>
          <span className="jp-EpoExport-dim">{shortName.slice(0, cut)}</span>
          {shortName.slice(cut)}
        </span>
        <span className="jp-EpoExport-rowFacts">
          <span className="jp-EpoExport-badge" title={typeWords(type, trans)}>
            {type}
          </span>
          {row.grant.state !== 'none' && (
            <span
              className={classes('jp-EpoExport-grant', `jp-EpoExport-grant--${row.grant.state}`)}
              title={grantWords(row.grant, trans)}
            >
              <Icon name="key" />
            </span>
          )}
          <span className="jp-EpoExport-rowContent">{contentWords(row.collection, trans)}</span>
        </span>
      </span>
      <IconButton
        icon="eye"
        label={trans.__('Preview %1', name)}
        tabIndex={-1}
        onClick={() => onPreview(row)}
      />
    </>
  );
}

interface MessageContentProps {
  readonly row: MessageRow;
  readonly onRetry: (repository: string) => void;
}

function MessageContent({ row, onRetry }: MessageContentProps): React.ReactElement {
  const trans = useTranslation();
  const { message, repository } = row;
  switch (message.is) {
    case 'starting':
      return (
        <Busy>{trans.__('Opening the repository; the Butler takes a few seconds to start…')}</Busy>
      );
    case 'failed':
      return <ProblemNotice problem={message.problem} onRetry={() => onRetry(repository)} />;
    case 'none_of_yours':
      return (
        <span className="jp-EpoExport-rowHint">
          {trans.__(
            'Nothing here yet. Put cutouts into a RUN collection below %1/ from a notebook, then refresh.',
            message.namespace
          )}
        </span>
      );
    case 'empty':
      return (
        <span className="jp-EpoExport-rowHint">
          {trans.__('This repository has no collections to show.')}
        </span>
      );
    case 'no_match':
      return (
        <span className="jp-EpoExport-rowHint">
          {trans.__('Nothing here matches your search.')}
        </span>
      );
  }
}

/** The row in one breath, for screen readers. */
function nameOf(row: TreeRow, trans: Translation): string | undefined {
  switch (row.kind) {
    case 'repository':
      return trans.__('Repository %1', row.label);
    case 'group':
      return titleOf(row.title, trans);
    case 'collection':
      return [
        row.collection.name,
        row.collection.type,
        contentWords(row.collection, trans),
        grantWords(row.grant, trans)
      ]
        .filter(Boolean)
        .join(', ');
    case 'message':
      return undefined;
  }
}

function titleOf(title: GroupTitle, trans: Translation): string {
  switch (title.is) {
    case 'own_user':
      return trans.__('Yours: %1', title.namespace);
    case 'own_group':
      return trans.__('Your group’s: %1', title.namespace);
    case 'others':
      return trans.__('Other people’s');
    case 'everybody':
      return trans.__('Of users and groups');
    case 'shared':
      return trans.__('Shared, without an owner');
  }
}

function everythingWords(row: GroupRow, trans: Translation): string | undefined {
  return row.pick
    ? trans.__('Pick everything below %1/, runs to come included', row.pick.name)
    : undefined;
}
