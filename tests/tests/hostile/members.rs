//! Staff, groups and members that are no longer what they were.

use anyhow::Result;
use futures::future::try_join;
use medrec_client::chain::{calls::registry, events};
use medrec_policy::purpose::Purpose;
use medrec_primitives::{MemberRole, StaffRole, Viewer};
use medrec_tests::practice::{ask::Ask, rules::Rule, wall_clock, Colleague};

use crate::judge::{case, Case, Judge};

const MINUTES: u64 = 60_000;
const DAYS: u64 = 24 * 60 * MINUTES;

/// The cases that can run beside others.
pub fn cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    let hire = move |words: &'static str, role, until| async move {
        let practice = world.practice('a');
        world.hire(practice.member, &practice.key, words, role, until).await
    };
    let clinician = move |words| hire(words, StaffRole::Clinician, wall_clock() + DAYS);
    let own_staff = Viewer::Member(world.practice('a').member);
    let viewer = own_staff.clone();
    // Somebody of the practice's own staff, and a patient who lets all of it read everything.
    let patient_of_staff = move || {
        let viewer = viewer.clone();
        async move {
            let patient = world.admit_patient('a').await?;
            world.rule(&patient, &Rule::everything(viewer)).await?;
            Ok::<_, anyhow::Error>(patient)
        }
    };
    let open = patient_of_staff.clone();
    let expired = async move {
        let (gone, here) = try_join(
            hire("expired", StaffRole::Clinician, wall_clock() - 10 * MINUTES),
            clinician("employed"),
        )
        .await?;
        let patient = open().await?;
        judge.permits(&judge.observations(&patient).by(&here.key)).await?;
        judge.refuses(&judge.observations(&patient).by(&gone.key)).await
    };
    let open = patient_of_staff.clone();
    let rotated = async move {
        let Colleague { key: old, id } = clinician("old key").await?;
        let patient = open().await?;
        judge.permits(&judge.observations(&patient).by(&old)).await?;
        let new = world.key("new key");
        world.submit(&registry::rotate_staff_key(id.index, &new.account()), &world.practice('a').key).await?;
        judge.permits(&judge.observations(&patient).by(&new)).await?;
        judge.refuses(&judge.observations(&patient).by(&old)).await
    };
    let open = patient_of_staff.clone();
    let removed = async move {
        let colleague = clinician("dismissed").await?;
        let patient = open().await?;
        let ask = judge.observations(&patient).by(&colleague.key);
        judge.permits(&ask).await?;
        world.submit(&registry::remove_staff(colleague.id.index), &world.practice('a').key).await?;
        judge.comes_to_refuse(&ask).await
    };
    let open = patient_of_staff.clone();
    let steward = async move {
        let (steward, doctor) = try_join(
            hire("steward", StaffRole::Steward, wall_clock() + DAYS),
            clinician("beside the steward"),
        )
        .await?;
        let patient = open().await?;
        let ask = judge.observations(&patient);
        judge.permits(&ask.clone().by(&doctor.key)).await?;
        judge.refuses(&ask.clone().by(&steward.key)).await?;
        judge.refuses(&ask.by(&steward.key).purpose(Purpose::RecordsManagement)).await
    };
    let open = patient_of_staff.clone();
    let role = async move {
        let doctor = clinician("salesman").await?;
        let patient = open().await?;
        let ask = judge.observations(&patient).by(&doctor.key);
        judge.permits(&ask).await?;
        judge.refuses(&ask.purpose(Purpose::Marketing)).await
    };
    let open = patient_of_staff.clone();
    let not_emergency = async move {
        let doctor = clinician("breaks no glass").await?;
        let patient = open().await?;
        let ask = judge.observations(&patient).by(&doctor.key);
        judge.permits(&ask).await?;
        judge.refuses(&ask.purpose(Purpose::EmergencyTreatment)).await
    };
    let one_person = async move {
        let (meant, colleague) = try_join(clinician("meant"), clinician("not meant")).await?;
        let patient = world.admit_patient('a').await?;
        let terms = format!("patient/Observation.rs;purpose=TREAT;staff={}", meant.id);
        world.rule(&patient, &Rule::allow(own_staff, &terms)).await?;
        judge.permits(&judge.observations(&patient).by(&meant.key)).await?;
        judge.refuses(&judge.observations(&patient).by(&colleague.key)).await
    };
    let denied_person = {
        let open = patient_of_staff.clone();
        async move {
            let (shunned, colleague) = try_join(clinician("shunned"), clinician("not shunned")).await?;
            let patient = open().await?;
            let ask = judge.observations(&patient);
            judge.permits(&ask.clone().by(&shunned.key)).await?;
            let terms = format!("patient/*.cruds;staff={}", shunned.id);
            world.rule(&patient, &Rule::deny(Viewer::Member(world.practice('a').member), &terms)).await?;
            judge.comes_to_refuse(&ask.clone().by(&shunned.key)).await?;
            judge.permits(&ask.by(&colleague.key)).await.map(drop)
        }
    };
    let other_member = async move {
        let (member, signer) = world.member("Another clinic", MemberRole::Provider).await?;
        let stranger =
            world.hire(member, &signer, "another's staff", StaffRole::Clinician, wall_clock() + DAYS);
        let (stranger, doctor) = try_join(stranger, clinician("own staff")).await?;
        let patient = patient_of_staff().await?;
        judge.permits(&judge.observations(&patient).by(&doctor.key)).await?;
        judge.refuses(&judge.observations(&patient).by(&stranger.key)).await
    };
    vec![
        case("staff whose time is over", expired),
        case("a staff key that was rotated", rotated),
        case("staff removed", removed),
        case("a steward, who reads no records", steward),
        case("a purpose that the role may not claim", role),
        case("emergency claimed by a clinician", not_emergency),
        case("a colleague of the one person granted to", one_person),
        case("the one person of the staff who is denied", denied_person),
        case("staff of another member", other_member),
        case("a member removed from the group, and one suspended", groups(judge)),
    ]
}

async fn groups(judge: &Judge<'_>) -> Result<()> {
    let world = judge.world;
    let (owner, (one, other)) = try_join(
        world.member("Group owner", MemberRole::GroupOwner),
        try_join(
            world.member("Clinic one", MemberRole::Provider),
            world.member("Clinic two", MemberRole::Provider),
        ),
    )
    .await?;
    let ((_, owner), (one, one_key), (other, other_key)) = (owner, one, other);
    let group = world.submit(&registry::create_group("All clinics"), &owner).await?;
    let group = group.expect::<events::GroupCreated>()?.group;
    for member in [one, other] {
        world.submit(&registry::add_to_group(group, member), &owner).await?;
    }
    let until = wall_clock() + DAYS;
    let at_one = world.hire(one, &one_key, "at clinic one", StaffRole::Clinician, until).await?;
    let at_other = world.hire(other, &other_key, "at clinic two", StaffRole::Clinician, until).await?;
    let patient = world.admit_patient('a').await?;
    world.rule(&patient, &Rule::everything(Viewer::Group(group))).await?;
    let (by_one, by_other) =
        (judge.observations(&patient).by(&at_one.key), judge.observations(&patient).by(&at_other.key));
    judge.permits(&by_one).await?;
    judge.permits(&by_other).await?;
    // Out of the group.
    world.submit(&registry::remove_from_group(group, one), &owner).await?;
    judge.comes_to_refuse(&by_one).await?;
    judge.permits(&by_other).await?;
    // Suspended: the other way out.
    world.council_carries(registry::suspend(other)).await?;
    judge.comes_to_refuse(&by_other).await?;
    world.council_carries(registry::reinstate(other)).await?;
    judge.permits(&by_other).await.map(drop)
}

/// Cases that stop a whole practice.
pub fn last_cases<'a>(judge: &'a Judge<'a>) -> Vec<Case<'a>> {
    let world = judge.world;
    vec![case("a suspended provider", async move {
        let patient = world.admit_patient('b').await?;
        let viewer = world.key("reads at b");
        world.rule(&patient, &Rule::everything(&viewer)).await?;
        let by_patient = Ask::search('b', &patient.key, "Observation", patient.relationship);
        let by_viewer = by_patient.clone().by(&viewer);
        judge.permits(&by_viewer).await?;
        world.council_carries(registry::suspend(world.practice('b').member)).await?;
        judge.comes_to_refuse(&by_viewer).await?;
        judge.refuses(&by_patient).await?;
        world.council_carries(registry::reinstate(world.practice('b').member)).await?;
        judge.permits(&by_viewer).await.map(drop)
    })]
}
