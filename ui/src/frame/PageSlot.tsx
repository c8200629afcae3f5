/**
 * The page of the address. Its code is loaded on first use, which can fail: the server is gone, or serves a newer
 * version with other file names. Reloading fixes both once the server responds.
 */
import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { Button } from '../parts/design/controls';
import { Gone, Notice } from '../parts/states';
import { useFrame, useTitle } from '../parts/useFrame';

const loaded = new Map<string, ComponentType>();
const RELOADED = 'aim.reloaded';
const PAUSE = 15_000;

/** False if it was tried a moment ago and did not help. */
function reload(): boolean {
  try {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED)) < PAUSE) return false;
    sessionStorage.setItem(RELOADED, String(Date.now()));
  } catch {
    return false;
  }
  window.location.reload();
  return true;
}

export function PageSlot({ page }: { page: string }): ReactNode {
  const { routeOf, server } = useFrame();
  const { reachable, lost } = server;
  const [, setCount] = useState(0);
  const [failed, setFailed] = useState<'not' | 'waiting' | 'helpless'>('not');
  const route = routeOf(page);
  useEffect(() => {
    if (!route || loaded.has(page)) return undefined;
    let wanted = true;
    route.load().then(
      (module) => {
        loaded.set(page, module.default);
        if (wanted) setCount((count) => count + 1);
      },
      () => {
        if (!wanted) return;
        lost();
        setFailed('waiting');
      },
    );
    return () => {
      wanted = false;
    };
  }, [page, route, lost]);
  useEffect(() => {
    if (failed === 'waiting' && reachable && !reload()) setFailed('helpless');
  }, [failed, reachable]);

  if (!route) return <NoPage />;
  const Page = loaded.get(page);
  if (Page) return <Page />;
  if (failed === 'helpless') return <NotLoaded />;
  if (failed === 'waiting') return <Gone />;
  return <div className="page-wait" role="status" aria-label="Loading the page" />;
}

function NotLoaded(): ReactNode {
  return (
    <Notice icon="alert" tone="danger" title="This page could not be fetched">
      <p>The server answers, but not with the files of this page. A newer version may just have been installed.</p>
      <Button look="outline" icon="reset" onClick={() => window.location.reload()}>
        Reload
      </Button>
    </Notice>
  );
}

function NoPage(): ReactNode {
  useTitle('No such page');
  return (
    <>
      <h1 className="hidden-text">No such page</h1>
      <Notice icon="search" title="There is no page with this name">
        <p>The address may come from a newer version of Aim. Choose a page in the navigation.</p>
      </Notice>
    </>
  );
}
