/** Tabs whose state is in the address. */
import { countText } from '../text/format';
import { useEffect, useRef, type ReactNode } from 'react';
import { useEdges } from './useEdges';

export interface TabOf<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count?: number;
}

export function Tabs<T extends string>({
  tabs,
  chosen,
  onChoose,
  label,
  children,
}: {
  tabs: readonly TabOf<T>[];
  chosen: T;
  onChoose: (tab: T) => void;
  label: string;
  children: ReactNode;
}): ReactNode {
  const strip = useRef<HTMLDivElement>(null);
  const edges = useEdges(strip);
  useEffect(() => {
    const tab = document.getElementById(`tab-${chosen}`);
    if (!tab || !strip.current) return;
    // The strip alone: the page stays where it is.
    const [own, around] = [tab.getBoundingClientRect(), strip.current.getBoundingClientRect()];
    strip.current.scrollLeft += Math.max(0, own.right - around.right) - Math.max(0, around.left - own.left);
  }, [chosen]);
  const at = tabs.findIndex((tab) => tab.value === chosen);
  const walk = (event: React.KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!next) return;
    onChoose(next.value);
    document.getElementById(`tab-${next.value}`)?.focus();
  };
  return (
    <>
      <div ref={strip} className={`tabs ${edges}`} role="tablist" aria-label={label} onKeyDown={walk}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`tab-${tab.value}`}
            aria-selected={tab.value === chosen}
            aria-controls="tab-panel"
            tabIndex={tab.value === chosen ? 0 : -1}
            onClick={() => onChoose(tab.value)}
          >
            {tab.label}
            {tab.count !== undefined && tab.count > 0 && <span className="tab-count">{countText(tab.count)}</span>}
          </button>
        ))}
      </div>
      <div className="tab-panel" role="tabpanel" id="tab-panel" aria-labelledby={`tab-${chosen}`}>
        {children}
      </div>
    </>
  );
}
