import * as React from 'react';
import { columnMistake, type ColumnMistake } from '../domain/draft';
import { Button, IconButton } from './Button';
import { Field } from './Field';
import { useTranslation, type Translation } from './translation';

interface MetadataFieldProps {
  readonly columns: readonly string[];
  /** The dimensions of the data IDs, which can be columns. */
  readonly suggestions: readonly string[];
  readonly onChange: (columns: readonly string[]) => void;
}

/** What becomes public beside the images. Nothing, unless the PI names it. */
export function MetadataField(props: MetadataFieldProps): React.ReactElement {
  const { columns, suggestions, onChange } = props;
  const trans = useTranslation();
  const [name, setName] = React.useState('');
  const [mistake, setMistake] = React.useState<ColumnMistake | null>(null);
  const offered = suggestions.filter(suggestion => !columns.includes(suggestion));

  const add = () => {
    const wanted = name.trim();
    if (!wanted) {
      return;
    }
    const wrong = columnMistake(wanted, columns);
    setMistake(wrong);
    if (!wrong) {
      onChange([...columns, wanted]);
      setName('');
    }
  };

  return (
    <Field
      label={trans.__('Public metadata columns')}
      help={
        columns.length
          ? trans.__(
              'These become public with the images. The Zooniverse gives every column to anyone who asks, also those that it hides from volunteers.'
            )
          : trans.__(
              'None: only the images become public. Name a key of zooniverse_metadata or a dimension of the data ID to publish it too.'
            )
      }
      mistake={mistake ? mistakeWords(mistake, trans) : undefined}
    >
      {attributes => (
        <>
          {columns.length > 0 && (
            <ul className="jp-EpoExport-chips" aria-label={trans.__('Chosen columns')}>
              {columns.map(column => (
                <li key={column} className="jp-EpoExport-chip">
                  {column}
                  <IconButton
                    icon="close"
                    label={trans.__('Drop column %1', column)}
                    onClick={() => onChange(columns.filter(other => other !== column))}
                  />
                </li>
              ))}
            </ul>
          )}
          <div className="jp-EpoExport-addLine">
            <input
              {...attributes}
              type="text"
              className="jp-EpoExport-input"
              placeholder={trans.__('Column name')}
              value={name}
              onChange={event => {
                setName(event.target.value);
                setMistake(null);
              }}
              onKeyDown={event => {
                if (event.key === 'Enter') {
                  event.preventDefault();
                  add();
                }
              }}
            />
            <Button onClick={add} disabled={!name.trim()}>
              {trans.__('Add')}
            </Button>
          </div>
          {offered.length > 0 && (
            <div className="jp-EpoExport-suggestions">
              <span className="jp-EpoExport-dim">{trans.__('From the data ID:')}</span>
              {offered.map(suggestion => (
                <Button
                  key={suggestion}
                  kind="link"
                  label={trans.__('Publish %1', suggestion)}
                  onClick={() => onChange([...columns, suggestion])}
                >
                  {suggestion}
                </Button>
              ))}
            </div>
          )}
        </>
      )}
    </Field>
  );
}

function mistakeWords(mistake: ColumnMistake, trans: Translation): string {
  switch (mistake) {
    case 'characters':
      return trans.__(
        'The Zooniverse cannot read a column with a colon, a comma or a quote in its name.'
      );
    case 'reserved':
      return trans.__('The Zooniverse keeps #priority to itself. Choose another name.');
    case 'length':
      return trans.__('A column’s name has 1 to 100 characters.');
    case 'twice':
      return trans.__('This column is chosen already.');
  }
}
