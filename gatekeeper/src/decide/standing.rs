//! Where an account stands towards a relationship, apart from any request: what it may be told of.

use futures::future::try_join_all;
use medrec_primitives::{
    AccountId, CustodianRights, Facts, GroupId, MemberStatus, RelationshipId, StaffFacts, StaffId,
};

use super::{clock, Decider, Unavailable};

/// Where an account stands, on the last finalised state and on every unfinalised leaf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is the patient.
    Patient,
    /// It acts for the patient now.
    Custodian {
        /// Whether it reads in the patient's place.
        reads: bool,
    },
    /// Anybody else.
    Other {
        /// Who it is on a member's staff, active in all states.
        staff: Option<Colleague>,
        /// Whether some rule in some state is about it.
        concerned: bool,
    },
}

/// Somebody on a member's staff.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colleague {
    /// Who.
    pub id: StaffId,
    /// The groups that the member is in.
    pub groups: Vec<GroupId>,
}

impl Decider {
    /// Where an account stands towards a relationship.
    pub async fn standing(
        &self,
        relationship: RelationshipId,
        account: &AccountId,
    ) -> Result<Standing, Unavailable> {
        let (heads, _) = self.heads()?;
        let asked = heads.all().map(|head| self.chain.facts(head.hash, relationship, account));
        let states: Vec<Option<Facts>> = try_join_all(asked).await?;
        let clock = clock::clock(heads.all(), &self.time.now(), self.tolerance.max_clock_gap_ms)?;
        let nobody = Standing::Other { staff: None, concerned: false };
        let known: Option<Vec<Facts>> = states.into_iter().collect();
        // The node's answers must be to what was asked.
        let of_this = |facts: &Facts| facts.relationship == relationship && facts.viewer == *account;
        let Some(known) = known.filter(|known| known.iter().all(of_this)) else { return Ok(nobody) };
        if relationship.member != self.member {
            return Ok(nobody);
        }
        Ok(of(&known, account, clock))
    }
}

fn of(states: &[Facts], account: &AccountId, clock: medrec_policy::Clock) -> Standing {
    if states.iter().all(|facts| facts.patient == *account) {
        return Standing::Patient;
    }
    let acts = |facts: &Facts, rights: CustodianRights| {
        facts.custodians.iter().any(|custodian| {
            custodian.key == *account
                && custodian.rights.contains(rights)
                && clock.surely_within(Some(custodian.not_before), custodian.not_after)
        })
    };
    if states.iter().all(|facts| acts(facts, CustodianRights(0))) {
        return Standing::Custodian { reads: states.iter().all(|facts| acts(facts, CustodianRights::READ)) };
    }
    let active = |staff: &&StaffFacts| {
        staff.member_status == MemberStatus::Active
            && clock.surely_within(Some(staff.from), Some(staff.until))
    };
    let staff: Option<Vec<&StaffFacts>> =
        states.iter().map(|facts| facts.staff.as_ref().filter(active)).collect();
    let staff = staff.and_then(|staff| {
        let first = *staff.first()?;
        let same = staff.iter().all(|other| other.id == first.id);
        // Groups that the member is in, in every state.
        let in_all = |group: &&GroupId| staff.iter().all(|other| other.groups.contains(*group));
        let groups = first.groups.iter().filter(in_all).copied().collect();
        same.then_some(Colleague { id: first.id, groups })
    });
    let concerned = states.iter().any(|facts| !facts.grants.is_empty());
    Standing::Other { staff, concerned }
}

#[cfg(test)]
mod tests {
    use medrec_policy::Clock;
    use medrec_primitives::{Custodian, RelationshipFlags, RelationshipStatus, StaffRole};

    use super::*;

    fn facts() -> Facts {
        Facts {
            now: 50,
            relationship: RelationshipId::new(0, 3),
            provider: MemberStatus::Active,
            // Whoever it is about is told, suspended or not.
            status: RelationshipStatus::Suspended,
            patient: [1; 32].into(),
            custodians: Vec::new(),
            flags: RelationshipFlags::default(),
            viewer: [2; 32].into(),
            staff: None,
            grants: Vec::new(),
            emergency: None,
        }
    }

    fn standing(states: &[Facts]) -> Standing {
        of(states, &[2; 32].into(), Clock::between(40, 60))
    }

    #[test]
    fn patient_should_be_one_when_every_state_says_so() {
        let patient = Facts { patient: [2; 32].into(), ..facts() };
        assert_eq!(standing(&[patient.clone(), patient.clone()]), Standing::Patient);
        let nobody = Standing::Other { staff: None, concerned: false };
        assert_eq!(standing(&[patient, facts()]), nobody);
    }

    #[test]
    fn custodian_should_be_one_within_rights_and_dates_in_every_state() {
        let with = |rights, not_before, not_after| Facts {
            custodians: vec![Custodian { key: [2; 32].into(), rights, not_before, not_after }],
            ..facts()
        };
        let reads = with(CustodianRights::READ, 40, Some(61));
        assert_eq!(standing(std::slice::from_ref(&reads)), Standing::Custodian { reads: true });
        let grants = with(CustodianRights::GRANT, 0, None);
        assert_eq!(standing(&[reads, grants]), Standing::Custodian { reads: false });
        for outside in [with(CustodianRights::ALL, 41, None), with(CustodianRights::ALL, 0, Some(60))] {
            assert_eq!(standing(&[outside]), Standing::Other { staff: None, concerned: false });
        }
    }

    #[test]
    fn colleague_should_be_one_when_active_in_every_state() {
        let with = |groups: &[GroupId], until| Facts {
            staff: Some(StaffFacts {
                id: StaffId::new(5, 1),
                role: StaffRole::Emergency,
                from: 0,
                until,
                member_status: MemberStatus::Active,
                groups: groups.to_vec(),
            }),
            ..facts()
        };
        let expected = Some(Colleague { id: StaffId::new(5, 1), groups: vec![2] });
        let found = standing(&[with(&[1, 2], 100), with(&[2, 3], 100)]);
        assert_eq!(found, Standing::Other { staff: expected, concerned: false });
        let gone = standing(&[with(&[1], 100), with(&[1], 60)]);
        assert_eq!(gone, Standing::Other { staff: None, concerned: false });
    }
}
