/** The frame around every page, and which page is at which address. */
import type { ComponentType } from 'preact';
import { lazy, Suspense } from 'preact/compat';
import { useEffect, useState } from 'preact/hooks';
import { Route, Router, Switch, useLocation } from 'wouter-preact';
import { useHashLocation } from 'wouter-preact/use-hash-location';

import { language, LANGUAGES, speak, t, type Key, type Language } from './messages';
import { Waiting } from './parts/base';
import { Book, Brand, Eye, Home as HomeIcon, More as MoreIcon, Share } from './parts/icons';
import { Welcome } from './pages/welcome';
import { applyTheme, theme, type Theme } from './state/theme';
import { connectWallet, rememberedWallet, wallet, walletsSoon } from './state/wallet';
import { readByItself, refresh } from './state/world';

/** What is shown only with a wallet is loaded only then. */
const page = (load: () => Promise<{ default: ComponentType }>) => lazy(load);

const PAGES: [path: string, page: ComponentType][] = [
  ['/', page(() => import('./pages/home'))],
  ['/records', page(() => import('./pages/records'))],
  ['/results', page(() => import('./pages/results'))],
  ['/sharing', page(() => import('./pages/sharing'))],
  ['/share', page(() => import('./pages/share'))],
  ['/log', page(() => import('./pages/log'))],
  ['/picture', page(() => import('./pages/picture'))],
  ['/enrol', page(() => import('./pages/enrol'))],
  ['/keys', page(() => import('./pages/keys'))],
  ['/care', page(() => import('./pages/care'))],
  ['/recover', page(() => import('./pages/recover'))],
  ['/hospital', page(() => import('./pages/hospital'))],
  ['/hospital/patients', page(() => import('./pages/hospital/patients'))],
  ['/hospital/staff', page(() => import('./pages/hospital/staff'))],
  ['/desk', page(() => import('./pages/desk'))],
  ['/council', page(() => import('./pages/council'))],
  ['/release', page(() => import('./pages/release'))],
  ['/research', page(() => import('./pages/research'))],
  ['/network', page(() => import('./pages/network'))],
  ['/view', page(() => import('./pages/view'))],
  ['/more', page(() => import('./pages/more'))],
];

const NAVIGATION: [path: string, name: Key, icon: ComponentType, beneath: string[]][] = [
  ['/', 'nav.home', HomeIcon, []],
  ['/records', 'nav.records', Book, ['/results']],
  ['/sharing', 'nav.sharing', Share, ['/share', '/picture']],
  ['/log', 'nav.log', Eye, []],
  ['/more', 'nav.more', MoreIcon, ['/enrol', '/keys', '/care', '/recover', '/view', '/network', '/hospital', '/hospital/patients', '/hospital/staff', '/desk', '/council', '/research', '/release']],
];

function Navigation() {
  const [location] = useLocation();
  return (
    <nav aria-label={t('nav.label')}>
      <ul>
        {NAVIGATION.map(([path, name, Icon, beneath]) => (
          <li key={path}>
            <a href={`#${path}`} aria-current={location === path ? 'page' : beneath.includes(location) ? 'true' : undefined}>
              <Icon />
              {t(name)}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function Footer() {
  return (
    <footer>
      <p class="small soft">{t('footer.promise')}</p>
      {readByItself.value !== undefined && (
        <p class="small soft" id="light-client">
          {readByItself.value === 'catching-up' ? t('footer.light.catching-up') : t('footer.light', { block: readByItself.value })}
        </p>
      )}
      <label class="small row">
        {t('footer.language')}
        <select class="small-select" value={language.value} onChange={(event) => void speak(event.currentTarget.value as Language)}>
          {Object.entries(LANGUAGES).map(([code, name]) => (
            <option key={code} value={code} lang={code}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="small row">
        {t('footer.theme')}
        <select class="small-select" value={theme.value} onChange={(event) => applyTheme(event.currentTarget.value as Theme)}>
          <option value="auto">{t('footer.theme.auto')}</option>
          <option value="light">{t('footer.theme.light')}</option>
          <option value="dark">{t('footer.theme.dark')}</option>
        </select>
      </label>
    </footer>
  );
}

function Frame() {
  const [returning, setReturning] = useState(rememberedWallet() !== null);
  useEffect(() => {
    // The wallet that was used here before is asked again; it remembers its answer.
    if (!returning) return;
    const last = rememberedWallet()!;
    void walletsSoon()
      .then((found) => (found.includes(last) ? connectWallet(last) : undefined))
      .catch(() => undefined)
      .then(() => setReturning(false));
  }, []);
  useEffect(() => {
    if (wallet.value) void refresh().catch(() => undefined);
  }, [wallet.value]);
  const waiting = <Waiting>{t('loading')}</Waiting>;
  return (
    <>
      <a class="skip" href="#content" onClick={(event) => { event.preventDefault(); document.getElementById('content')?.focus(); }}>
        {t('skip')}
      </a>
      <header class="top">
        <div class="top-in">
          <a class="brand" href="#/">
            <Brand />
            MedRec
          </a>
          {wallet.value && <Navigation />}
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        {wallet.value ? (
          <Suspense fallback={waiting}>
            <Switch>
              {PAGES.map(([path, Page]) => (
                <Route key={path} path={path}>
                  <Page />
                </Route>
              ))}
              <Route>
                <p>{t('nothing-here')}</p>
              </Route>
            </Switch>
          </Suspense>
        ) : returning ? (
          waiting
        ) : (
          <Welcome />
        )}
      </main>
      <Footer />
    </>
  );
}

/** Where one is, without what a page itself reads from its address: `#/view?r=r0-3` is the page `/view`. */
const usePath: typeof useHashLocation = (options) => {
  const [path, navigate] = useHashLocation(options);
  return [path.split('?')[0]!, navigate];
};

/** The whole page. */
export const App = () => (
  <Router hook={usePath}>
    <Frame />
  </Router>
);
