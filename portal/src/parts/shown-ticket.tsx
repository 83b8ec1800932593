/** A ticket on the screen, for the camera of the patient who stands before it. */
import { t } from '../messages';
import { Code } from './code';

/** The code, and what the patient does with it. */
export const ShownTicket = ({ text, done }: { text: string; done: () => void }) => (
  <>
    <Code text={text} label={t('tickets.code')} />
    <ol>
      <li>{t('tickets.patient.page', { page: `${location.origin}${location.pathname}` })}</li>
      <li>{t('tickets.patient.scan')}</li>
      <li>{t('tickets.patient.once')}</li>
    </ol>
    <button onClick={done}>{t('tickets.clear')}</button>
  </>
);
