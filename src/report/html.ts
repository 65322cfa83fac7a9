import { escape } from 'html-escaper';
import { cleanText } from './clean-text.js';

/** Markup of ours. Nothing else goes into a page unescaped. */
export class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number | undefined | readonly Part[];

/** Markup with values in it: what is not itself made by this tag is cleaned and escaped. Attributes must be quoted. */
export function html(markup: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(markup.map((text, index) => `${text}${index < values.length ? partOf(values[index]) : ''}`).join(''));
}

function partOf(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(partOf).join('');
  return escape(cleanText(String(value)));
}
