/** Navigation: a rail at the side, or at the bottom of a phone. Each link leads to the last state of its page. */
import { useEffect, useRef, type ReactNode } from 'react';
import { Icon } from '../parts/design/Icon';
import { href, lastAddress } from '../parts/address';
import { Link } from '../parts/Link';
import type { Route } from '../parts/route';

export function Nav({ page, routes }: { page: string; routes: readonly Route[] }): ReactNode {
  const lit = routes.find((route) => route.page === page)?.within ?? page;
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [lit]);
  return (
    <nav ref={nav} className="nav" aria-label="Pages">
      <ul>
        {routes.map(({ page: own, title, icon }) =>
          icon === undefined ? null : (
            <li key={own}>
              <Link
                to={own === page ? href(own) : lastAddress(own)}
                className="nav-link"
                aria-current={own === lit ? 'page' : undefined}
              >
                <Icon name={icon} size={18} />
                <span>{title}</span>
              </Link>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}
