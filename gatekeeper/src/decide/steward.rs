//! Who looks after enrolment and the inbox: a steward of this very provider.

use futures::future::try_join_all;
use medrec_primitives::{AccountId, MemberId, MemberStatus, StaffFacts, StaffId, StaffRole};

use super::{clock, Decider, Unavailable};

impl Decider {
    /// Which steward of this provider an account is, on the last finalised state and on every unfinalised leaf.
    pub async fn steward(&self, account: &AccountId) -> Result<Option<StaffId>, Unavailable> {
        let (heads, _) = self.heads()?;
        let asked = heads.all().map(|head| self.chain.staff(head.hash, account));
        let states: Vec<Option<StaffFacts>> = try_join_all(asked).await?;
        let clock = clock::clock(heads.all(), &self.time.now(), self.tolerance.max_clock_gap_ms)?;
        Ok(of(&states, self.member, clock))
    }
}

fn of(states: &[Option<StaffFacts>], member: MemberId, clock: medrec_policy::Clock) -> Option<StaffId> {
    let id = states.first()?.as_ref()?.id;
    let is_steward = |staff: &StaffFacts| {
        staff.id == id
            && staff.role == StaffRole::Steward
            && staff.member_status == MemberStatus::Active
            && clock.surely_within(Some(staff.from), Some(staff.until))
    };
    (id.member == member && states.iter().all(|state| state.as_ref().is_some_and(is_steward))).then_some(id)
}

#[cfg(test)]
mod tests {
    use medrec_policy::Clock;

    use super::*;

    fn steward() -> StaffFacts {
        StaffFacts {
            id: StaffId::new(3, 1),
            role: StaffRole::Steward,
            from: 10,
            until: 100,
            member_status: MemberStatus::Active,
            groups: Vec::new(),
        }
    }

    #[test]
    fn steward_should_be_one_when_every_state_says_so_for_this_provider() {
        let now = Clock::between(40, 60);
        let right = Some(steward());
        assert_eq!(of(&[right.clone(), right.clone()], 3, now), Some(StaffId::new(3, 1)));
        assert_eq!(of(&[], 3, now), None);
        assert_eq!(of(std::slice::from_ref(&right), 4, now), None, "another provider's");
        for wrong in [
            None,
            Some(StaffFacts { id: StaffId::new(3, 2), ..steward() }),
            Some(StaffFacts { role: StaffRole::Clinician, ..steward() }),
            Some(StaffFacts { role: StaffRole::Emergency, ..steward() }),
            Some(StaffFacts { member_status: MemberStatus::Suspended, ..steward() }),
            Some(StaffFacts { from: 41, ..steward() }),
            Some(StaffFacts { until: 60, ..steward() }),
        ] {
            assert_eq!(of(&[right.clone(), wrong.clone()], 3, now), None, "{wrong:?}");
            assert_eq!(of(&[wrong.clone(), right.clone()], 3, now), None, "{wrong:?}");
        }
    }
}
