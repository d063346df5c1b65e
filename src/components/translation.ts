/** The words of the components. JupyterLab's translation bundle fits; without one they speak English. */
import * as React from 'react';

/** The part of JupyterLab's `TranslationBundle` that is used here. `%1` stands for the first argument. */
export interface Translation {
  __(text: string, ...values: (string | number)[]): string;
  /** `%1` is `n`. */
  _n(singular: string, plural: string, n: number, ...values: (string | number)[]): string;
}

export const ENGLISH: Translation = {
  __: (text, ...values) => filled(text, values),
  _n: (singular, plural, n, ...values) => filled(n === 1 ? singular : plural, [n, ...values])
};

export const TranslationContext = React.createContext<Translation>(ENGLISH);

export function useTranslation(): Translation {
  return React.useContext(TranslationContext);
}

function filled(text: string, values: readonly (string | number)[]): string {
  return text.replace(/%(\d+)/g, (_, place: string) => String(values[Number(place) - 1] ?? ''));
}
