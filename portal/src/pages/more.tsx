/** Everything that is not needed every day. */
import { t, type Key } from '../messages';
import { Title } from '../parts/base';
import { forgetWallet } from '../state/wallet';
import { closeSessions, relationships } from '../state/world';

const PLACES: [path: string, name: Key, what: Key][] = [
  ['/enrol', 'more.enrol', 'more.enrol.what'],
  ['/results', 'more.results', 'more.results.what'],
  ['/picture', 'more.picture', 'more.picture.what'],
  ['/keys', 'more.keys', 'more.keys.what'],
  ['/care', 'more.care', 'more.care.what'],
  ['/recover', 'more.recover', 'more.recover.what'],
  ['/view', 'more.view', 'more.view.what'],
  ['/network', 'more.network', 'more.network.what'],
];

/** The page. */
export default function More() {
  const leave = () => {
    closeSessions();
    relationships.value = [];
    forgetWallet();
    location.hash = '#/';
  };
  return (
    <>
      <Title>{t('more.title')}</Title>
      <ul class="plain grid">
        {PLACES.map(([path, name, what]) => (
          <li class="card" key={path}>
            <h2>
              <a href={`#${path}`}>{t(name)}</a>
            </h2>
            <p class="soft">{t(what)}</p>
          </li>
        ))}
      </ul>
      <button onClick={leave}>{t('more.leave')}</button>
      <p class="small soft">{t('more.leave.what')}</p>
    </>
  );
}
