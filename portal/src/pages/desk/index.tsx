/** The desk of a hospital, for its stewards: tickets, the inbox, records of which nothing is shown. */
import { Room } from '../../parts/room';
import { useStewards } from '../../state/desk';
import { Inbox } from './inbox';
import { Records } from './records';
import { MakeTicket } from './ticket';

/** The page. */
export default function Desk() {
  return (
    <Room title="desk.title" lead="desk.lead" of={useStewards()} nobody={{ title: 'desk.none', what: 'desk.none.what' }}>
      {(own) => (
        <>
          <p>
            <b>{own.member.name}</b>
          </p>
          <MakeTicket own={own} />
          <Inbox own={own} />
          <Records own={own} />
        </>
      )}
    </Room>
  );
}
