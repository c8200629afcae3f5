/**
 * Elements for keyboard and screen readers: a button with the name of each axis, and a slider for each end of its
 * brush.
 */
import { formatValue } from '../format';
import type { Pen } from '../pen';
import type { ChartTheme } from '../types';
import { endOf, nudged, spanOn, type End } from './brushes';
import type { AxisBrush, Brushes } from './types';
import { nameOf, type AxisView, type ParallelView } from './view';

export interface HandleIntents {
  /** The new position among the axes, counted from the left. */
  move(key: string, to: number): void;
  /** The name was clicked, not dragged. */
  name(key: string): void;
  brush(key: string, brush: AxisBrush | null): void;
}

interface Handle {
  readonly group: HTMLElement;
  readonly name: HTMLButtonElement;
  /** The whole name; the button cuts its front where room is short. */
  readonly text: HTMLElement;
  readonly ends: Readonly<Record<End, HTMLElement>>;
}

const DRAG = 4;
const ENDS: readonly End[] = ['low', 'high'];
const WORDS: Readonly<Record<End, string>> = { low: 'min', high: 'max' };

export class Handles {
  private readonly all = new Map<string, Handle>();
  private view: ParallelView | null = null;
  private brushes: Brushes = {};
  private held: { readonly key: string; readonly from: number; at: number; moved: boolean } | null = null;

  constructor(
    private readonly host: HTMLElement,
    /** Measures names; draws nothing. */
    private readonly pen: Pen,
    private readonly intents: HandleIntents,
  ) {}

  show(view: ParallelView, brushes: Brushes, colorBy: string | null, theme: ChartTheme): void {
    this.view = view;
    this.brushes = brushes;
    const wanted = new Set(view.axes.map(({ column }) => column.key));
    for (const [key, { group }] of this.all) {
      if (wanted.has(key)) continue;
      group.remove();
      this.all.delete(key);
    }
    view.axes.forEach((axis, a) => this.place(view, axis, a, axis.column.key === colorBy, theme));
  }

  remove(): void {
    for (const { group } of this.all.values()) group.remove();
  }

  private place(view: ParallelView, axis: AxisView, a: number, colored: boolean, theme: ChartTheme): void {
    const { key, label } = axis.column;
    const handle = this.all.get(key) ?? this.add(key);
    if (this.host.children[a] !== handle.group && !this.held) this.putAt(handle.group, a);
    const name = nameOf(view, axis, this.pen, theme);
    const left = this.held?.moved && this.held.key === key ? this.held.at - name.width / 2 : name.left;
    handle.group.setAttribute('aria-label', label);
    handle.text.textContent = label;
    handle.name.title = label;
    handle.name.setAttribute(
      'aria-label',
      `${label}, axis ${a + 1} of ${view.axes.length}${colored ? ', colors the lines' : ''}. Arrow keys move it.`,
    );
    Object.assign(handle.name.style, {
      left: `${left}px`,
      width: `${name.width}px`,
      font: `600 ${theme.fontSize}px ${theme.fontFamily}`,
      color: theme.text,
      outlineColor: theme.selectionEdge,
      textDecoration: colored ? 'underline' : 'none',
    });
    for (const end of ENDS) this.placeEnd(view, handle.ends[end], axis, end, theme);
  }

  /** In reading order. An element that is moved in the page loses the focus. */
  private putAt(group: HTMLElement, a: number): void {
    const focused = document.activeElement;
    this.host.insertBefore(group, this.host.children[a] ?? null);
    if (focused instanceof HTMLElement && this.host.contains(focused)) focused.focus();
  }

  private placeEnd(view: ParallelView, slider: HTMLElement, axis: AxisView, end: End, theme: ChartTheme): void {
    const brush = this.brushes[axis.column.key];
    const span = spanOn(view, axis, brush) ?? { top: axis.scale.range[1], bottom: axis.scale.range[0] };
    const value = endOf(axis, brush, end);
    const { categories } = axis.column;
    const said = categories ? (categories[Math.round(value)] ?? '') : formatValue(value);
    const [low, high] = axis.scale.domain;
    const says = {
      valuemin: low,
      valuemax: high,
      valuenow: value,
      valuetext: brush ? said : `${said}, all`,
      orientation: 'vertical',
    };
    for (const [name, text] of Object.entries(says)) slider.setAttribute(`aria-${name}`, String(text));
    slider.setAttribute('aria-label', `${axis.column.label}, ${WORDS[end]} of brush`);
    slider.style.left = `${axis.x - 10}px`;
    slider.style.top = `${(end === 'low' ? span.bottom : span.top) - 5}px`;
    slider.style.outlineColor = theme.selectionEdge;
  }

  private add(key: string): Handle {
    const group = document.createElement('div');
    group.setAttribute('role', 'group');
    const name = document.createElement('button');
    name.type = 'button';
    const plain = {
      position: 'absolute',
      top: '8px',
      padding: '2px 0',
      border: '0',
      background: 'none',
      cursor: 'grab',
    };
    const cut = { whiteSpace: 'nowrap', overflow: 'hidden', textOverflow: 'ellipsis', direction: 'rtl' };
    Object.assign(name.style, plain, cut, { touchAction: 'none', textAlign: 'center' });
    const text = document.createElement('bdi');
    name.append(text);
    this.listen(name, key);
    const ends = { low: this.slider(key, 'low'), high: this.slider(key, 'high') };
    group.append(name, ends.low, ends.high);
    this.host.append(group);
    const handle = { group, name, text, ends };
    this.all.set(key, handle);
    return handle;
  }

  private slider(key: string, end: End): HTMLElement {
    const slider = document.createElement('div');
    slider.setAttribute('role', 'slider');
    slider.tabIndex = 0;
    const box = { position: 'absolute', width: '20px', height: '10px', borderRadius: '3px', pointerEvents: 'none' };
    Object.assign(slider.style, box);
    slider.addEventListener('keydown', (event) => {
      const axis = this.axisOf(key);
      const brush = axis && nudged(axis, this.brushes[key], end, event.key);
      if (brush === undefined || (brush === null && !this.brushes[key])) return;
      event.preventDefault();
      this.intents.brush(key, brush);
    });
    return slider;
  }

  private axisOf(key: string): AxisView | undefined {
    return this.view?.axes.find(({ column }) => column.key === key);
  }

  private listen(name: HTMLButtonElement, key: string): void {
    const left = (event: PointerEvent) => event.clientX - this.host.getBoundingClientRect().left;
    name.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      name.setPointerCapture(event.pointerId);
      this.held = { key, from: left(event), at: left(event), moved: false };
    });
    name.addEventListener('pointermove', (event) => {
      if (this.held?.key === key) this.drag(left(event));
    });
    const drop = () => {
      const held = this.held;
      this.held = null;
      name.style.cursor = 'grab';
      if (held?.moved) this.intents.move(key, this.placeOf(held.at));
    };
    name.addEventListener('pointerup', drop);
    name.addEventListener('pointercancel', drop);
    let dragged = false;
    name.addEventListener('pointermove', () => (dragged = this.held?.moved ?? dragged));
    name.addEventListener('pointerdown', () => (dragged = false));
    name.addEventListener('click', ({ detail }) => (dragged && detail > 0) || this.intents.name(key));
    name.addEventListener('keydown', (event) => {
      const at = this.view?.axes.findIndex(({ column }) => column.key === key) ?? -1;
      const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: (this.view?.axes.length ?? 0) - 1 }[event.key];
      if (to === undefined || at < 0) return;
      event.preventDefault();
      this.intents.move(key, to);
      name.focus();
    });
  }

  private drag(at: number): void {
    const { held } = this;
    const handle = held && this.all.get(held.key);
    if (!held || !handle) return;
    if (!held.moved && Math.abs(at - held.from) < DRAG) return;
    held.moved = true;
    held.at = at;
    const { style, offsetWidth } = handle.name;
    style.cursor = 'grabbing';
    style.left = `${at - offsetWidth / 2}px`;
    this.intents.move(held.key, this.placeOf(at));
  }

  private placeOf(x: number): number {
    const { axes = [], gap = 1 } = this.view ?? {};
    return Math.max(0, Math.min(axes.length - 1, Math.round((x - (axes[0]?.x ?? 0)) / gap)));
  }
}
