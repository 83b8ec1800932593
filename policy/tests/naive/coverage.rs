//! Which branches of the rules the random cases went through.
//!
//! A comparison proves nothing about a branch that no case takes, so each is counted, and a branch taken
//! too rarely fails the test.

macro_rules! branches {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A branch of the rules. `Void…` and `…Not…` are counted where they alone decide.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Branch { $($(#[$doc])* $name,)* }

        impl Branch {
            /// All there are.
            pub const ALL: &'static [Branch] = &[$(Branch::$name,)*];
        }
    };
}

branches! {
    // What came out.
    DenyProviderInactive, DenyRelationshipInactive, DenyDenied, DenyNoGrant, DenyNoEmergency,
    PermitPatient, PermitCustodian, PermitViewer, PermitEmergency, NeedsOpening,

    // The clock's readings, handed over the wrong way round.
    ClockReversed,

    // Rules 3 and 4.
    PatientOtherAction, PatientEmergency, CustodianOtherAction, CustodianEmergency,
    CustodianWithoutRead, CustodianNotYet, CustodianOver, CustodianAtStart, CustodianAtEnd,
    CustodianWithoutEnd,

    // Rule 5.
    EmergencyNotStaff, EmergencyStaffNotYet, EmergencyStaffOver, EmergencyMemberInactive,
    EmergencyOtherRole, EmergencyNoGlass, EmergencyGlassNotYet, EmergencyGlassOver, EmergencyOptOut,
    EmergencyOtherAction, EmergencyOverDenials, EmergencyDenied, EmergencyUnopenedDenial,
    EmergencyLessDenials,

    // Rule 6.
    AllowAboutKey, AllowAboutMember, AllowAboutGroup, AllowAboutOther, AllowAboutNotStaff,
    AllowAboutStaffNotYet, AllowAboutStaffOver, AllowAboutMemberInactive, AllowAboutSteward,
    DenialAboutKey, DenialAboutMember, DenialAboutGroup, DenialAboutOther, DenialAboutNotStaff,
    DenialAboutStaffNotYet, DenialAboutStaffOver, DenialAboutMemberInactive, DenialAboutSteward,
    /// In force by the denial's reading of the clock only.
    DenialAboutStaffMaybe,

    // When rules are in force.
    AllowNotYet, AllowOver, AllowAtStart, AllowAtEnd, AllowStraddled,
    DenialNotYet, DenialOver, DenialAtStart, DenialAtEnd, DenialStraddled,

    // Rule 7.
    DenialEverything, DenialFailed, DenialUnopened, DenialBinds, DenialByStaff, DenialByInactiveStaff, DenialOtherStaff,
    DenialListOfNonStaff, DenialByPurpose, DenialAnyPurpose, DenialOtherPurpose, DenialCoversAll,
    DenialCoversSome, DenialOtherType, DenialOtherAction,

    // Rule 8.
    AllowEverything, AllowUnopened, AllowOpened, AllowByStaff, VoidFailed, VoidNoPurpose,
    VoidOtherPurpose, VoidOtherStaff, VoidInactiveStaff, VoidListOfNonStaff, VoidOtherType, VoidOtherAction,
    SharedOnce, SharedTwice, SharedThrice, SharedFourTimes, SharedTooDeep, SharedInCircle,
    SharedFromMissing, SharedFromDenial, SharedFromNotYet, SharedFromOver, SharedWithoutRight,
    SharedByDeniedKey,
    SharedFromNoPurpose, SharedFromOtherPurpose, SharedFromOtherType, SharedFromOtherAction,
    SharedFromFailed, SharedFromUnopened, SharedFromEverything,
    /// The parent's staff list names neither who shared nor, where nobody is known, anybody.
    SharedByOther, SharedByNobody,
    /// The parent's staff list does not name the asker, which does not matter.
    SharedFromOtherStaff,
    /// The parent is not about the asker, which does not matter.
    SharedFromOtherViewer,
    /// A grant that is void and has an unopened opening.
    VoidBeatsUnopened,

    // Rules 9 to 11.
    UnopenedDenialOverAllow, UnopenedDenialOverUnopened, UnopenedDenialOverNothing,
    PermitBesideUnopened, PermitLessDenials, PermitByManyAllows,

    // Masks.
    MaskAll, MaskPaths, MaskNothing, RowOfOtherType, RowOtherScopeType, RowOtherScopeAction, RowOtherCategory,
    RowOtherCode, RowUnnamedLabel, RowNamedLabel, RowOutsidePeriod, RowInsidePeriod, RowOnFirstDay,
    RowOnLastDay, RowWithoutDate, RowDenied, RowDeniedWithoutSystem, RowDeniedByLabel, RowNotDeniedByLabel,
    RowNotDeniedByPeriod, RowDeniedWithoutDate, RowKeptFromDenial, ElementDenied,
    ElementBeneathDenied, ElementAboveDenied, ElementKept, ElementOfAllDenied, ChainNarrows,
    UnionWidens,

    // Several states.
    StatesNone, StatesDenyFirst, StatesDenyLater, StatesDenyBeforeOpening, StatesNeedOpening,
    StatesPermit, StatesInOtherCapacities, StatesMaskNarrows,

    // Containment.
    Within, WithinAnyType, WithinToken, WithinSystem, WithinSecurity, WithinElements,
    WithinElementsBeneath, NotWithinType, NotWithinActions, NotWithinCategory, NotWithinNoCategory,
    NotWithinCode, NotWithinNoCode, NotWithinSecurity, NotWithinElements, NotWithinNoElements,
    TermsWithin, TermsNotWithinScopes, TermsNotWithinPurposes, TermsNotWithinStaff,
    TermsNotWithinAllStaff, TermsNotWithinPeriod, TermsNotWithinNoPeriod, TermsWithinPeriod,
    TermsWithinStaff,
}

/// How often each branch was taken.
#[derive(Clone)]
pub struct Coverage(Vec<u64>);

impl Coverage {
    pub fn new() -> Self {
        Self(vec![0; Branch::ALL.len()])
    }

    pub fn hit(&mut self, branch: Branch) {
        if let Some(count) = self.0.get_mut(branch as usize) {
            *count += 1;
        }
    }

    /// Counts `branch` if `condition`, and says which.
    pub fn hit_if(&mut self, branch: Branch, condition: bool) -> bool {
        if condition {
            self.hit(branch);
        }
        condition
    }

    /// Counts a flaw that is the only one.
    pub fn hit_sole(&mut self, flaws: &[Branch]) {
        if let [flaw] = flaws {
            self.hit(*flaw);
        }
    }

    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine += theirs;
        }
    }

    /// The branches from `first` to `last` that were taken less than `least` times.
    pub fn rarer_than(&self, least: u64, first: Branch, last: Branch) -> Vec<(Branch, u64)> {
        Branch::ALL
            .iter()
            .zip(&self.0)
            .filter(|(branch, count)| (first..=last).contains(branch) && **count < least)
            .map(|(branch, count)| (*branch, *count))
            .collect()
    }
}
