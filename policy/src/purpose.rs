//! Purposes of use.

use core::{fmt, str::FromStr};

use crate::error::{quote, ParseError};

macro_rules! purposes {
    ($($name:ident $code:literal $what:literal,)*) => {
        /// A purpose of use: the codes beneath `PurposeOfUse` in HL7's v3 code system `ActReason`, as of FHIR R4.
        ///
        /// `BTG` and `ERTREAT` are left out: they are `ETREAT` by other names, and emergency treatment has one rule.
        /// Ordered by code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Purpose {
            $(#[doc = concat!("`", $code, "`: ", $what, ".")] $name,)*
        }

        impl Purpose {
            /// Every purpose there is, by code.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// HL7's code.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

purposes! {
    BioResearch "BIORCH" "biomedical research",
    CareManagement "CAREMGT" "care management",
    ClinicalTrialResearch "CLINTRCH" "clinical trial research",
    ClinicalTrialWithoutCare "CLINTRCHNPC" "clinical trial research without patient care",
    ClinicalTrialWithCare "CLINTRCHPC" "clinical trial research with patient care",
    ClinicalTrial "CLINTRL" "clinical trial",
    ClaimAttachment "CLMATTCH" "claim attachment",
    CareCoordination "COC" "coordination of care",
    CoverageAuthorization "COVAUTH" "coverage authorization",
    Coverage "COVERAGE" "coverage under policy or program",
    Disaster "DISASTER" "disaster",
    Donation "DONAT" "donation",
    DiseaseResearch "DSRCH" "disease specific healthcare research",
    EligibilityDetermination "ELIGDTRM" "eligibility determination",
    EligibilityVerification "ELIGVER" "eligibility verification",
    Enrollment "ENROLLM" "enrollment",
    EmergencyTreatment "ETREAT" "emergency treatment",
    FamilyRequest "FAMRQT" "family requested",
    Fraud "FRAUD" "fraud",
    Government "GOV" "government",
    Accreditation "HACCRED" "health accreditation",
    Compliance "HCOMPL" "health compliance",
    Decedent "HDECD" "decedent",
    Directory "HDIRECT" "directory",
    DeliveryManagement "HDM" "healthcare delivery management",
    Legal "HLEGAL" "legal",
    Marketing "HMARKT" "healthcare marketing",
    Operations "HOPERAT" "healthcare operations",
    OutcomeMeasure "HOUTCOMS" "health outcome measure",
    Payment "HPAYMT" "healthcare payment",
    ProgramReporting "HPRGRP" "health program reporting",
    QualityImprovement "HQUALIMP" "health quality improvement",
    Research "HRESCH" "healthcare research",
    SystemAdministration "HSYSADMIN" "health system administration",
    TestData "HTEST" "test health data",
    Labeling "LABELING" "labeling",
    MemberAdministration "MEMADMIN" "member administration",
    MetadataManagement "METAMGT" "metadata management",
    MilitaryCommand "MILCDM" "military command",
    MilitaryDischarge "MILDCRG" "military discharge",
    PatientAdministration "PATADMIN" "patient administration",
    PatientRequest "PATRQT" "patient requested",
    PatientSafety "PATSFTY" "patient safety",
    PerformanceMeasure "PERFMSR" "performance measure",
    AncestryResearch "POARCH" "population origins or ancestry healthcare research",
    PopulationHealth "POPHLTH" "population health",
    PreclinicalTrialResearch "PRECLINTRCH" "preclinical trial research",
    PublicHealth "PUBHLTH" "public health",
    PowerOfAttorney "PWATRNY" "power of attorney",
    RecordsManagement "RECORDMGT" "records management",
    RemittanceAdvice "REMITADV" "remittance advice",
    SupportNetwork "SUPNWK" "support network",
    SystemDevelopment "SYSDEV" "system development",
    Threat "THREAT" "threat",
    Training "TRAIN" "training",
    TranslationalResearch "TRANSRCH" "translational healthcare research",
    Treatment "TREAT" "treatment",
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Purpose {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let place = Self::ALL.binary_search_by(|purpose| purpose.code().cmp(text)).ok();
        place.and_then(|place| Self::ALL.get(place)).copied().ok_or_else(|| ParseError::Purpose(quote(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn purposes_should_ascend_by_code() {
        assert!(Purpose::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code() && pair[0] < pair[1]));
        assert_eq!(Purpose::ALL.len(), 57);
    }

    #[test]
    fn purpose_should_return_unchanged_when_printed_and_parsed() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.to_string().parse(), Ok(*purpose));
        }
    }

    #[test]
    fn purpose_should_be_refused_when_unknown() {
        for text in ["", "treat", "TREAT ", "PurposeOfUse", "BTG", "ERTREAT", "TREATS", "Ä"] {
            assert_eq!(text.parse::<Purpose>(), Err(ParseError::Purpose(text.into())), "{text}");
        }
    }
}
