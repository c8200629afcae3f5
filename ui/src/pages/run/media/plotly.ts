/**
 * plotly.js, loaded with the first figure. The "strict" bundle creates no functions from text. Three more things that
 * the server's content security policy forbids are replaced here: style elements, style attributes and assignments to
 * innerHTML.
 */
type Plotly = (typeof import('plotly.js-strict-dist-min'))['default'];

let loading: Promise<Plotly> | null = null;

export function loadPlotly(): Promise<Plotly> {
  loading ??= load().catch((error: unknown) => {
    loading = null;
    throw error;
  });
  return loading;
}

async function load(): Promise<Plotly> {
  adoptStyleSheet();
  setStylesAsProperties();
  allowEntities();
  return (await import('plotly.js-strict-dist-min')).default;
}

/** Plotly inserts its rules into the `sheet` of the element with this id; a constructed sheet needs no style element. */
function adoptStyleSheet(): void {
  const id = 'plotly.js-style-global';
  if (document.getElementById(id)) return;
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  document.head.append(
    Object.assign(document.createElement('meta'), { id, sheet }),
    Object.assign(document.createElement('meta'), { id: MAP_STYLE }),
  );
}

/** If an element with this id exists, the bundle does not add the style element of its maps, which the page never draws. */
const MAP_STYLE = '9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53';

/** The policy blocks `setAttribute('style', …)` and allows the same text as `style.cssText`. */
function setStylesAsProperties(): void {
  if (Object.hasOwn(SVGElement.prototype, 'setAttribute')) return;
  SVGElement.prototype.setAttribute = function (name: string, value: string): void {
    if (name === 'style') this.style.cssText = value;
    else Element.prototype.setAttribute.call(this, name, value);
  };
}

interface TrustedTypes {
  readonly defaultPolicy: unknown;
  createPolicy(name: string, rules: { createHTML: (html: string) => string | null }): unknown;
}

/** Plotly decodes entities by innerHTML. A single entity, or an empty text, can never become an element. */
function allowEntities(): void {
  const { trustedTypes } = window as { trustedTypes?: TrustedTypes };
  if (!trustedTypes || trustedTypes.defaultPolicy) return;
  trustedTypes.createPolicy('default', { createHTML: (html) => (/^(&#?\w{1,32};)?$/.test(html) ? html : null) });
}
