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
  ['/release', 'release.title', 'release.more'],
];

const OTHERS: [path: string, name: Key, what: Key][] = [
  ['/view', 'more.view', 'more.view.what'],
  ['/desk', 'desk.title', 'desk.what'],
  ['/hospital', 'hospital.title', 'hospital.more'],
  ['/council', 'council.title', 'council.what'],
  ['/research', 'research.title', 'research.what'],
  ['/network', 'more.network', 'more.network.what'],
];

const Places = ({ of }: { of: typeof PLACES }) => (
  <ul class="plain grid">
    {of.map(([path, name, what]) => (
      <li class="card" key={path}>
        <h3>
          <a href={`#${path}`}>{t(name)}</a>
        </h3>
        <p class="soft">{t(what)}</p>
      </li>
    ))}
  </ul>
);

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
      <h2>{t('more.patients')}</h2>
      <Places of={PLACES} />
      <h2>{t('more.others')}</h2>
      <Places of={OTHERS} />
      <button onClick={leave}>{t('more.leave')}</button>
      <p class="small soft">{t('more.leave.what')}</p>
    </>
  );
}
