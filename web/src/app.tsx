/** The frame: rail, chips, tabs, and the view of the address. */
import { Component, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { begin } from './api/stream';
import { go, useAddress } from './lib/address';
import { useToast } from './lib/hooks';
import { t } from './lib/i18n';
import { SessionContext, useMay, useSession, useSessionState } from './lib/session';
import { Bar } from './ui/bar';
import { Gate, isForSomebody } from './ui/gate';
import { Go } from './ui/go';
import { Icon } from './ui/Icon';
import { Keys } from './ui/keys';
import { PeopleProvider } from './ui/people';
import { Broken } from './ui/shown';
import { GROUPS, type Group, viewOf } from './views';

export function App() {
  const { session, problem, renew } = useSessionState();
  const said = useToast();
  if (problem) return <Broken problem={problem} again={() => void renew()} />;
  if (!session) return null;
  return (
    <>
      {session.user && !isForSomebody() ? (
        <SessionContext value={session}>
          <PeopleProvider>
            <Frame renew={renew} />
          </PeopleProvider>
        </SessionContext>
      ) : (
        <Gate session={session} renew={renew} />
      )}
      <div role="status" aria-live="polite">
        {said && <div className="toast">{said}</div>}
      </div>
    </>
  );
}

function Rail({ here, open, close }: { here: Group | undefined; open: boolean; close: () => void }) {
  const { user } = useSession();
  const allowed = (group: Group) => group.views.some((view) => !view.scope || user.scopes.includes(view.scope));
  return (
    <nav className={`rail${open ? ' open' : ''}`} aria-label={t('Pages')}>
      <Go className="logo" aria-label={t('desirepath, overview')} to={{ page: 'overview' }}>
        <svg width="30" height="30" viewBox="0 0 32 32" aria-hidden="true">
          <rect width="32" height="32" rx="9" className="lg" />
          <path d="M6 20c5 0 5-9 10-9s5 6 10 6" fill="none" stroke="#fff" strokeWidth="3.2" strokeLinecap="round" />
          <circle cx="16" cy="11" r="3" fill="#fff" />
        </svg>
      </Go>
      {GROUPS.filter(allowed).map((group) => (
        <Go
          key={group.text}
          to={{ page: group.views[0]?.path ?? 'overview' }}
          onGone={close}
          className={group === here ? 'on' : ''}
          aria-current={group === here ? 'page' : undefined}
        >
          <Icon n={group.icon} s={20} />
          <span>{t(group.text)}</span>
        </Go>
      ))}
    </nav>
  );
}

function Tabs({ group, page }: { group: Group; page: string }) {
  const { user } = useSession();
  const views = group.views.filter((view) => !view.scope || user.scopes.includes(view.scope));
  const row = useRef<HTMLElement>(null);
  useEffect(() => {
    const on = row.current?.querySelector<HTMLAnchorElement>('[aria-current]');
    if (row.current && on && page) row.current.scrollLeft = on.offsetLeft - row.current.clientWidth / 3;
  }, [page]);
  if (views.length < 2) return null;
  return (
    <nav className="tabs" ref={row} aria-label={t('Views')}>
      {views.map((view) => (
        <Go
          key={view.path}
          to={{ page: view.path }}
          className={view.path === page ? 'on' : ''}
          aria-current={view.path === page ? 'page' : undefined}
        >
          {t(view.text)}
        </Go>
      ))}
    </nav>
  );
}

function Frame({ renew }: { renew: () => Promise<void> }) {
  const { page } = useAddress();
  const [open, setOpen] = useState(false);
  const found = viewOf(page);
  useEffect(begin, []);
  useEffect(() => {
    document.title = found ? `${t(found.view.text)} · desirepath` : 'desirepath';
  }, [found]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('Skip to content')}
      </a>
      <Rail here={found?.group} open={open} close={() => setOpen(false)} />
      <div className="col">
        <Bar chips={found?.view.chips ?? []} menu={{ open, toggle: () => setOpen(!open) }} renew={renew} />
        {found && <Tabs group={found.group} page={found.view.path} />}
        <main id="main" tabIndex={-1}>
          {found ? <Guarded key={found.view.path} view={found.view} rest={found.rest} /> : <Unknown page={page} />}
        </main>
      </div>
      <Keys />
    </div>
  );
}

function Guarded({ view, rest }: { view: Group['views'][0]; rest: string }) {
  const may = useMay(view.scope ?? 'read');
  const Content = view.view;
  if (!may)
    return (
      <Broken problem={new Error(t('Your role does not let you see this.'))} again={() => go({ page: 'overview' })} />
    );
  return (
    <Catching>
      <Suspense fallback={<div className="skel s1" />}>
        <Content rest={rest} />
      </Suspense>
    </Catching>
  );
}

function Unknown({ page }: { page: string }) {
  return (
    <div className="empty">
      <Icon n="search" s={28} />
      <h1>{t('There is no page {page}', { page })}</h1>
      <Go to={{ page: 'overview' }}>{t('To the overview')}</Go>
    </div>
  );
}

/** A view that breaks says so and leaves the frame standing. */
class Catching extends Component<{ children: ReactNode }, { problem: Error | null }> {
  override state: { problem: Error | null } = { problem: null };
  static getDerivedStateFromError(problem: Error) {
    return { problem };
  }
  override render() {
    if (this.state.problem)
      return <Broken problem={this.state.problem} again={() => this.setState({ problem: null })} />;
    return this.props.children;
  }
}
