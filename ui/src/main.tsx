import './parts/design/tokens.css';
import './parts/design/controls.css';
import './parts/marks.css';
import './parts/middle.css';
import './parts/states.css';
import './explorer/explorer.css';
import './frame/frame.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './frame/App';
import { pageOf } from './parts/address';
import { ROUTES } from './pages/routes';
import { Toasts } from './parts/design/Toast';

// The page's own code is fetched while the frame is being built.
const here = pageOf(window.location.search);
ROUTES.find(({ page }) => page === here)
  ?.load()
  .catch(() => undefined);

const root = document.getElementById('root');
if (!root) throw new Error('The page lacks its root element.');
createRoot(root).render(
  <StrictMode>
    <Toasts>
      <App routes={ROUTES} />
    </Toasts>
  </StrictMode>,
);
