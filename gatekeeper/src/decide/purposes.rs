//! What staff may claim to ask for, by role.
//!
//! A purpose is claimed, not proven. The role that a member gave a person bounds what that person may claim, whatever a
//! patient allowed. Patients, custodians and private viewers have no role and no such bound.

use medrec_policy::Purpose;
use medrec_primitives::StaffRole;

/// Care of the patient, directly or between those who care.
const CARE: &[Purpose] = &[
    Purpose::Treatment,
    Purpose::CareManagement,
    Purpose::CareCoordination,
    Purpose::Disaster,
    Purpose::PatientSafety,
    Purpose::Threat,
];

/// What those who treat do besides.
const CLINICAL: &[Purpose] = &[
    Purpose::Donation,
    Purpose::Decedent,
    Purpose::PublicHealth,
    Purpose::QualityImprovement,
    Purpose::Research,
    Purpose::BioResearch,
    Purpose::ClinicalTrial,
    Purpose::ClinicalTrialResearch,
    Purpose::ClinicalTrialWithCare,
    Purpose::ClinicalTrialWithoutCare,
    Purpose::DiseaseResearch,
    Purpose::TranslationalResearch,
];

/// What looking after records needs.
const STEWARDSHIP: &[Purpose] = &[
    Purpose::PatientAdministration,
    Purpose::RecordsManagement,
    Purpose::MetadataManagement,
    Purpose::Operations,
    Purpose::Compliance,
];

/// Whether staff in a role may claim a purpose.
pub fn may_claim(role: StaffRole, purpose: Purpose) -> bool {
    match role {
        StaffRole::Clinician => CARE.contains(&purpose) || CLINICAL.contains(&purpose),
        StaffRole::Emergency => {
            purpose == Purpose::EmergencyTreatment || CARE.contains(&purpose) || CLINICAL.contains(&purpose)
        }
        StaffRole::Pharmacist => CARE.contains(&purpose),
        StaffRole::Steward => STEWARDSHIP.contains(&purpose),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn role_should_bound_the_purpose_when_claimed_by_staff() {
        for (role, purpose, may) in [
            (StaffRole::Clinician, Purpose::Treatment, true),
            (StaffRole::Clinician, Purpose::Research, true),
            (StaffRole::Clinician, Purpose::Marketing, false),
            (StaffRole::Clinician, Purpose::EmergencyTreatment, false),
            (StaffRole::Emergency, Purpose::EmergencyTreatment, true),
            (StaffRole::Pharmacist, Purpose::Treatment, true),
            (StaffRole::Pharmacist, Purpose::Research, false),
            (StaffRole::Steward, Purpose::Treatment, false),
            (StaffRole::Steward, Purpose::RecordsManagement, true),
        ] {
            assert_eq!(may_claim(role, purpose), may, "{role:?} {purpose}");
        }
    }
}
