import { parseTemplate, type TemplateValue } from './go-template.ts';
import { jsonLine } from './json.ts';
import { sanitiseField } from './sanitise.ts';
import { formatTable, listLayout } from './table.ts';

/** Things of one kind, as `--format` can show them. */
export interface Formattable<Item> {
  /** The template of the table that is shown if nothing else is asked for. */
  readonly table: string;
  /** The heading of the column of each field. */
  readonly headings: Readonly<Record<string, string>>;
  /** All fields, by the names that templates use; the values are what JSON shows. */
  readonly fields: (item: Item) => Readonly<Record<string, TemplateValue>>;
  readonly labels: (item: Item) => Readonly<Record<string, string>>;
}

/**
 * `table`, `table TEMPLATE`, `json` (an object a line), or a template that is filled in once for each thing, as Docker
 * has it. Throws `ProblemsError` for a template that cannot be read or names a field that there is not.
 */
export function formatItems<Item>(
  format: string,
  items: readonly Item[],
  { table, headings, fields, labels }: Formattable<Item>,
): string {
  if (format === 'json') return items.map((item) => jsonLine(fields(item))).join('');
  const columns = /^table(?:\s+([\s\S]+))?$/.exec(format);
  const template = parseTemplate(columns === null ? format : (columns[1] ?? table));
  const rows = items.map((item) => {
    const own = labels(item);
    const labelOf = (key: string): string => sanitiseField(own[key] ?? '');
    return template.render(Object.assign(harmless(fields(item)), { Label: labelOf }));
  });
  if (columns === null) return rows.map((row) => `${row}\n`).join('');
  const heads = template.render({ ...headings, Label: headingOfLabel });
  return formatTable(
    [heads, ...rows].map((row) => row.split('\t')),
    listLayout,
  );
}

/** Values are other people's text, while tabs and line breaks of a template are meant. Made only if they are shown. */
function harmless(fields: Readonly<Record<string, TemplateValue>>): Record<string, TemplateValue> {
  const shown: Record<string, TemplateValue> = {};
  for (const name of Object.keys(fields)) {
    const get = (): TemplateValue => {
      const value = fields[name];
      return typeof value === 'string' ? sanitiseField(value) : value;
    };
    Object.defineProperty(shown, name, { get, enumerable: true });
  }
  return shown;
}

/** `config hash` for `com.docker.compose.config-hash`. */
function headingOfLabel(key: string): string {
  return (key.split('.').at(-1) ?? '').replace(/[-_]/g, ' ');
}
