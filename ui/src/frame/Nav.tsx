/** The way between pages: a rail at the side, at the bottom of a phone. Each link leads to where its page was left. */
import type { ReactNode } from 'react';
import { Icon } from '../design/Icon';
import { href, lastAddress } from './address';
import { Link } from './Link';
import { ROUTES, routeOf } from './routes';

export function Nav({ page }: { page: string }): ReactNode {
  const lit = routeOf(page)?.within ?? page;
  return (
    <nav className="nav" aria-label="Pages">
      <ul>
        {ROUTES.map(({ page: own, title, icon }) =>
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
