/** How the result is drawn: grouping, axes, smoothing. */
import type { ReactNode } from 'react';
import type { Result } from '../data/result';
import { Button, Choice, Slider } from '../design/controls';
import type { Change } from '../state/useView';
import { DEFAULT_VIEW, X_AXES, type View } from '../state/view';
import { FieldPicker } from './FieldPicker';

const CHANNELS = [
  { name: 'color', title: 'Colour', icon: 'palette' },
  { name: 'stroke', title: 'Stroke', icon: 'stroke' },
  { name: 'chart', title: 'Chart', icon: 'grid' },
] as const;

export function Toolbar({ view, change, result }: { view: View; change: Change; result: Result }): ReactNode {
  return (
    <div className="toolbar" role="toolbar" aria-label="Charts">
      {CHANNELS.map(({ name, title, icon }) => (
        <FieldPicker
          key={name}
          title={title}
          icon={icon}
          chosen={view[name]}
          standard={DEFAULT_VIEW[name]}
          result={result}
          onChange={(chosen) =>
            change({ [name]: chosen, solo: null, hidden: view.hidden.filter((token) => token.startsWith('s')) })
          }
        />
      ))}
      <span className="rule" />
      <label className="labelled">
        <span>X</span>
        <Choice label="Horizontal axis" value={view.x} options={X_AXES} onChange={(x) => change({ x, zoom: null })} />
      </label>
      <span className="pair" role="group" aria-label="Logarithmic axes">
        <Button
          small
          aria-pressed={view.logX}
          active={view.logX}
          tip="Logarithmic x axis"
          onClick={() => change({ logX: !view.logX, zoom: null })}
        >
          log x
        </Button>
        <Button
          small
          aria-pressed={view.logY}
          active={view.logY}
          tip="Logarithmic y axis"
          onClick={() => change({ logY: !view.logY, zoom: null })}
        >
          log y
        </Button>
      </span>
      <Button
        small
        aria-pressed={view.clip}
        active={view.clip}
        tip="Scale the y axis without outliers"
        onClick={() => change({ clip: !view.clip })}
      >
        Ignore outliers
      </Button>
      <span className="rule" />
      <label className="labelled">
        <span>Smoothing</span>
        <Slider
          label="Smoothing"
          value={view.smooth}
          max={0.99}
          step={0.01}
          text={view.smooth === 0 ? 'off' : view.smooth.toFixed(2)}
          onChange={(smooth) => change({ smooth }, 'adjust')}
        />
      </label>
      <span className="stretch" />
      {view.zoom && (
        <Button icon="reset" onClick={() => change({ zoom: null })}>
          Reset zoom
        </Button>
      )}
      <Button
        icon="list"
        aria-pressed={view.legend}
        active={view.legend}
        tip="Legend"
        onClick={() => change({ legend: !view.legend })}
      />
    </div>
  );
}
