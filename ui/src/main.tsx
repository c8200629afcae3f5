import './design/tokens.css';
import './design/controls.css';
import './explorer/explorer.css';
import './frame/frame.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App';
import { pageOf } from './frame/address';
import { routeOf } from './frame/routes';
import { Toasts } from './design/Toast';

// The page's own code is fetched while the frame is still being built.
routeOf(pageOf(window.location.search))
  ?.load()
  .catch(() => undefined);

const root = document.getElementById('root');
if (!root) throw new Error('The page lacks its root element.');
createRoot(root).render(
  <StrictMode>
    <Toasts>
      <App />
    </Toasts>
  </StrictMode>,
);
