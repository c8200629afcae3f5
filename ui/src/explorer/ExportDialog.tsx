/** Exports the charts as one image, with a preview. */
import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { drawSheet, sheetBlob, sheetHeight, type LegendBlock, type ExportSheet, type SheetFormat } from '../charts';
import { Button, Choice, Switch } from '../parts/design/controls';
import { useToast } from '../parts/design/Toast';
import type { Theme } from '../parts/design/theme';
import { chartTheme } from './chartTheme';
import { download, fileName } from '../text/csv';

interface ExportDialogProps {
  /** The current charts; a chart that is not built yet is missing. */
  panels: () => ExportSheet['panels'];
  legend: readonly LegendBlock[];
  theme: Theme;
  title: string;
  onClose: () => void;
}

const FORMATS: readonly { value: SheetFormat; label: string }[] = [
  { value: 'svg', label: 'SVG' },
  { value: 'png', label: 'PNG' },
  { value: 'jpeg', label: 'JPEG' },
];

const bounded = (text: string, low: number, high: number): number =>
  Math.round(Math.min(high, Math.max(low, Number(text) || low)));

export function ExportDialog({ panels, legend, theme, title, onClose }: ExportDialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const preview = useRef<HTMLCanvasElement>(null);
  const toast = useToast();
  const [format, setFormat] = useState<SheetFormat>('svg');
  const [width, setWidth] = useState('1200');
  const [height, setHeight] = useState('320');
  const [name, setName] = useState(title);
  const [titled, setTitled] = useState(true);
  const [legended, setLegended] = useState(true);

  useEffect(() => dialog.current?.showModal(), []);
  const sheet = useMemo<ExportSheet>(
    () => ({
      panels: panels(),
      theme: chartTheme(theme),
      width: bounded(width, 200, 8000),
      chartHeight: bounded(height, 100, 4000),
      title: titled ? name : undefined,
      legend: legended ? legend : undefined,
    }),
    [panels, theme, width, height, titled, name, legended, legend],
  );
  const drawnHeight = useMemo(() => sheetHeight(sheet), [sheet]);
  useEffect(() => {
    const timer = window.setTimeout(() => preview.current && drawSheet(preview.current, sheet, 1), 60);
    return () => window.clearTimeout(timer);
  }, [sheet]);

  const save = (): void => {
    sheetBlob(sheet, format).then(
      (blob) => {
        download(blob, fileName(name, format === 'jpeg' ? 'jpg' : format));
        onClose();
      },
      (error: unknown) => toast({ text: error instanceof Error ? error.message : String(error), tone: 'danger' }),
    );
  };

  return (
    <dialog
      ref={dialog}
      className="export"
      aria-labelledby="export-title"
      onCancel={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <form
        className="export-body"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <h2 id="export-title">Export charts</h2>
        <div className="export-preview" aria-label="Preview" role="img">
          {/* It has its size before it is drawn: buttons that move under the pointer lose their click. */}
          <canvas ref={preview} width={sheet.width} height={drawnHeight} />
        </div>
        <div className="export-options">
          <label>
            <span>Name</span>
            <input className="field" value={name} onChange={(event) => setName(event.target.value)} />
          </label>
          <label>
            <span>Format</span>
            <Choice label="Format" value={format} options={FORMATS} onChange={setFormat} />
          </label>
          <label>
            <span>Width</span>
            <input
              className="field short"
              inputMode="numeric"
              value={width}
              onChange={(event) => setWidth(event.target.value)}
            />
          </label>
          <label>
            <span>Height of a chart</span>
            <input
              className="field short"
              inputMode="numeric"
              value={height}
              onChange={(event) => setHeight(event.target.value)}
            />
          </label>
          <Switch checked={titled} onChange={setTitled}>
            Title
          </Switch>
          <Switch checked={legended} onChange={setLegended}>
            Legend
          </Switch>
        </div>
        <div className="confirm-actions">
          <Button look="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button look="primary" type="submit" icon="download">
            Save {format.toUpperCase()}
          </Button>
        </div>
      </form>
    </dialog>
  );
}
