/** Short messages about what just happened, with at most one action. */
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';
import { Button } from './controls';
import { Icon } from './Icon';

export interface ToastMessage {
  text: string;
  tone?: 'plain' | 'danger';
  action?: { label: string; run: () => void };
}

type Show = (message: ToastMessage) => void;
const ToastContext = createContext<Show>(() => undefined);
const SHOWN = 8000;

export const useToast = (): Show => useContext(ToastContext);

export function Toasts({ children }: { children: ReactNode }): ReactNode {
  const [messages, setMessages] = useState<(ToastMessage & { id: number })[]>([]);
  const drop = useCallback((id: number) => setMessages((old) => old.filter((message) => message.id !== id)), []);
  const show = useCallback<Show>(
    (message) => {
      const id = performance.now();
      setMessages((old) => [...old.slice(-2), { ...message, id }]);
      window.setTimeout(() => drop(id), SHOWN);
    },
    [drop],
  );
  return (
    <ToastContext.Provider value={show}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {messages.map((message) => (
          <div key={message.id} className={`toast ${message.tone ?? 'plain'}`}>
            {message.tone === 'danger' && <Icon name="alert" />}
            <span>
              <bdi>{message.text}</bdi>
            </span>
            {message.action && (
              <Button
                small
                look="outline"
                onClick={() => {
                  message.action?.run();
                  drop(message.id);
                }}
              >
                {message.action.label}
              </Button>
            )}
            <Button small icon="close" tip="Dismiss" onClick={() => drop(message.id)} />
          </div>
        ))}
      </div>
    </ToastContext.Provider>
  );
}
