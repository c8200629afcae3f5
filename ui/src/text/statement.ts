/** A statement as a form holds it: which metrics, in which contexts, of which runs. Both directions, text for text. */
import { WORD } from '../aimql';
import { tokens, type Token } from './aimql';
import { plural } from './format';
import { metricWord, quoted } from './words';

export interface ContextChoice {
  readonly key: string;
  readonly values: readonly string[];
}

export interface Form {
  /** As a query writes them: a name, or a quoted one. */
  readonly metrics: readonly string[];
  readonly contexts: readonly ContextChoice[];
  /** The rest of the condition. */
  readonly filter: string;
}

export function plainName(text: string): string {
  const inside = /^(["'])(.*)\1$/su.exec(text);
  return inside ? (inside[2] ?? '').replace(/\\(.)/gsu, '$1') : text;
}

const SELECTED = new RegExp(`^(?:(${WORD})\\s*:\\s*)?(.*)$`, 'su');

/** What a word at the head of a statement selects: a metric of a source, by its prefix. */
export function selectedBy(word: string): { readonly source: string; readonly name: string } {
  const [, source = '', name = ''] = SELECTED.exec(word) ?? [];
  return { source, name: plainName(name) };
}

/** A metric as people read it. */
export function metricText(word: string): string {
  const { source, name } = selectedBy(word);
  return source === '' ? name : `${source}:${name}`;
}

/** However it is written. */
export function sameMetric(a: string, b: string): boolean {
  const [one, other] = [selectedBy(a), selectedBy(b)];
  return metricWord(one.name, one.source) === metricWord(other.name, other.source);
}

interface TokenAt {
  readonly token: Token;
  readonly depth: number;
}

function placed(text: string): TokenAt[] {
  let depth = 0;
  return tokens(text).map((token) => {
    if (token.kind === 'operator' && /[)\]]/.test(token.text)) depth -= 1;
    const place = { token, depth };
    if (token.kind === 'operator' && /[([]/.test(token.text)) depth += 1;
    return place;
  });
}

const isWord = ({ token, depth }: TokenAt, word: string): boolean =>
  depth === 0 && token.kind === 'keyword' && token.text === word;

/** The pieces between the top-level places that `cut` finds. */
function split(text: string, cut: (place: TokenAt) => boolean): string[] {
  const places = placed(text);
  const parts: string[] = [];
  let from = 0;
  for (const place of places.filter(cut)) {
    parts.push(text.slice(from, place.token.start));
    from = place.token.start + place.token.text.length;
  }
  return [...parts, text.slice(from)].map((part) => part.trim());
}

const CONTEXT = new RegExp(`^context\\.(${WORD})\\s*(==|in)\\s*(.+)$`, 'su');

const isSimple = ([token, ...more]: readonly Token[]): boolean =>
  token !== undefined && token.kind !== 'operator' && more.length === 0;

/** A condition on one context key that the form can show, else null. */
function contextOf(text: string): ContextChoice | null {
  const match = CONTEXT.exec(text);
  if (!match) return null;
  const [, key = '', operator, rest = ''] = match;
  const body = operator === 'in' ? /^[([](.*)[)\]]$/su.exec(rest.trim())?.[1] : rest;
  if (body === undefined) return null;
  const items = split(body, ({ token, depth }) => depth === 0 && token.text === ',').filter(Boolean);
  const simple = items.every((item) => isSimple(tokens(item)));
  const wanted = operator === 'in' ? items.length > 0 : items.length === 1;
  return simple && wanted ? { key, values: items.map(plainName) } : null;
}

export function readForm(statement: string): Form {
  const text = statement.trim().replace(/;\s*$/u, '');
  const [selected = '', ...conditions] = split(text, (place) => isWord(place, 'if'));
  const metrics = split(selected, ({ token, depth }) => depth === 0 && token.text === ',').filter(Boolean);
  const condition = conditions.join(' if ');
  if (placed(condition).some((place) => isWord(place, 'or'))) return { metrics, contexts: [], filter: condition };
  const parts = split(condition, (place) => isWord(place, 'and')).filter(Boolean);
  const contexts: ContextChoice[] = [];
  const rest: string[] = [];
  for (const part of parts) {
    const choice = contextOf(part);
    if (choice && !contexts.some(({ key }) => key === choice.key)) contexts.push(choice);
    else rest.push(part);
  }
  return { metrics, contexts, filter: rest.join(' and ') };
}

/** Numbers and constants of a context stay what they are. */
const literal = (value: string): string =>
  /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(value) || /^(True|False|None)$/.test(value) ? value : quoted(value);

function contextCondition({ key, values }: ContextChoice): string {
  const [only, ...others] = values;
  return only !== undefined && others.length === 0
    ? `context.${key} == ${literal(only)}`
    : `context.${key} in (${values.map(literal).join(', ')})`;
}

/** How many metrics a statement names; `*` names all of them. */
export function metricsText(metrics: readonly string[]): string {
  if (metrics.includes('*')) return 'All metrics';
  return metrics.length > 0 ? plural(metrics.length, 'metric') : 'Metrics';
}

export function writeForm({ metrics, contexts, filter }: Form): string {
  const clauses = contexts.filter(({ values }) => values.length > 0).map(contextCondition);
  const own = filter.trim();
  const loose = clauses.length > 0 && placed(own).some((place) => isWord(place, 'or'));
  const condition = [...clauses, ...(own ? [loose ? `(${own})` : own] : [])].join(' and ');
  return [metrics.join(', '), condition && `if ${condition}`].filter(Boolean).join(' ');
}

/** A metric or a context value is put in or taken out. */
export function toggleMetric(form: Form, metric: string): Form {
  const others = form.metrics.filter((item) => !sameMetric(item, metric));
  const metrics = others.length < form.metrics.length ? others : [...form.metrics, metric];
  return { ...form, metrics };
}

export function toggleContext(form: Form, key: string, value: string): Form {
  const known = form.contexts.find((choice) => choice.key === key);
  const values = known?.values.includes(value)
    ? known.values.filter((item) => item !== value)
    : [...(known?.values ?? []), value];
  const others = form.contexts.filter((choice) => choice.key !== key);
  return { ...form, contexts: values.length ? [...others, { key, values }] : others };
}

/** The statement for those of its runs that also meet a condition. */
export function narrowed(statement: string, condition: string): string {
  const form = readForm(statement);
  const loose = placed(form.filter).some((place) => isWord(place, 'or'));
  const filter = [form.filter && (loose ? `(${form.filter})` : form.filter), condition].filter(Boolean).join(' and ');
  return writeForm({ ...form, filter });
}
