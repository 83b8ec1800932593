#![doc = include_str!("../README.md")]
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

extern crate alloc;

mod groups;
mod keys;
mod members;
pub mod name;
mod staff;
mod try_state;
pub mod types;
pub mod url;
pub mod weights;

#[cfg(feature = "runtime-benchmarks")]
mod benchmarking;
#[cfg(test)]
mod mock;
#[cfg(test)]
mod tests;

pub use pallet::*;
pub use types::{AccountUse, BalanceOf, Group, GroupName, GroupsOfMember, Held, MAX_GROUP_MEMBERS};
pub use weights::WeightInfo;

// What FRAME's macros write.
#[allow(clippy::expect_used, clippy::unreachable)]
#[frame_support::pallet]
pub mod pallet {
    use frame_support::{
        pallet_prelude::*,
        traits::{fungible, Contains, Time},
    };
    use frame_system::pallet_prelude::*;
    use medrec_primitives::{
        AccountId, GatekeeperUrl, GroupId, Member, MemberId, MemberName, MemberRole, Moment, SealingKey,
        SealingKeyId, Staff, StaffId, StaffRole,
    };

    use super::*;

    /// The layout of storage that this code reads and writes.
    pub const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);

    #[pallet::pallet]
    #[pallet::storage_version(STORAGE_VERSION)]
    pub struct Pallet<T>(_);

    /// What the runtime must say before members can register.
    #[pallet::config]
    pub trait Config: frame_system::Config<AccountId = AccountId, RuntimeEvent: From<Event<Self>>> {
        /// The clock, in ms since the Unix epoch.
        type Time: Time<Moment = Moment>;
        /// Where deposits are held.
        type Currency: fungible::hold::Mutate<AccountId, Reason = Self::RuntimeHoldReason>;
        /// Why deposits are held.
        type RuntimeHoldReason: From<HoldReason>;
        /// The vote of the consortium.
        type ConsortiumOrigin: EnsureOrigin<Self::RuntimeOrigin>;
        /// Whether a key is, or ever was, used outside this pallet. No key is used twice.
        type KeyInUse: Contains<AccountId>;
        /// Held from an applicant until it withdraws or is removed (plancks).
        #[pallet::constant]
        type MemberDeposit: Get<BalanceOf<Self>>;
        /// Held from a member for each person on its staff, for good: the key's tombstone stays (plancks).
        #[pallet::constant]
        type StaffDeposit: Get<BalanceOf<Self>>;
        /// Held from the member that opens a group, until it is dissolved (plancks).
        #[pallet::constant]
        type GroupDeposit: Get<BalanceOf<Self>>;
        /// How long after its registration an emergency role becomes active (ms).
        #[pallet::constant]
        type EmergencyRoleDelay: Get<Moment>;
        /// The longest that a staff key may last (ms).
        #[pallet::constant]
        type MaxStaffTerm: Get<Moment>;
        /// How many people a member may have on its staff at once.
        #[pallet::constant]
        type MaxStaff: Get<u32>;
        /// How many groups a member may be in.
        #[pallet::constant]
        type MaxGroupsPerMember: Get<u32>;
        /// Weights from benchmarks.
        type WeightInfo: WeightInfo;
    }

    /// Why a deposit is held.
    #[pallet::composite_enum]
    pub enum HoldReason {
        /// A member's record.
        Member,
        /// The slots of a member's staff.
        Staff,
        /// A group's record.
        Group,
    }

    /// The identifier that the next applicant gets.
    #[pallet::storage]
    pub type NextMember<T: Config> = StorageValue<_, MemberId, ValueQuery>;

    /// The members, applicants and former members among them.
    #[pallet::storage]
    pub type Members<T: Config> = StorageMap<_, Twox64Concat, MemberId, Member, OptionQuery>;

    /// What is held for each member; former members' staff among them.
    #[pallet::storage]
    pub type Holds<T: Config> = StorageMap<_, Twox64Concat, MemberId, Held<BalanceOf<T>>, ValueQuery>;

    /// Who holds a name, by its normal form (see [`name`]).
    #[pallet::storage]
    pub type Names<T: Config> = StorageMap<_, Blake2_128Concat, MemberName, MemberId, OptionQuery>;

    /// What an account is to a member. Entries of keys that were rotated out stay for ever.
    #[pallet::storage]
    pub type Accounts<T: Config> =
        StorageMap<_, Blake2_128Concat, AccountId, (MemberId, AccountUse), OptionQuery>;

    /// Members' X25519 sealing keys, past ones among them.
    #[pallet::storage]
    pub type SealingKeys<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, SealingKeyId, SealingKey, OptionQuery>;

    /// The staff of each member.
    #[pallet::storage]
    pub type StaffOf<T: Config> =
        StorageDoubleMap<_, Twox64Concat, MemberId, Twox64Concat, u32, Staff, OptionQuery>;

    /// How many people each member has on its staff.
    #[pallet::storage]
    pub type StaffCount<T: Config> = StorageMap<_, Twox64Concat, MemberId, u32, ValueQuery>;

    /// Whose a staff key is, or was: entries stay for ever, so that no key is used twice.
    #[pallet::storage]
    pub type StaffKeys<T: Config> = StorageMap<_, Blake2_128Concat, AccountId, StaffId, OptionQuery>;

    /// The identifier that the next group gets.
    #[pallet::storage]
    pub type NextGroup<T: Config> = StorageValue<_, GroupId, ValueQuery>;

    /// Groups of members.
    #[pallet::storage]
    pub type Groups<T: Config> = StorageMap<_, Twox64Concat, GroupId, Group<BalanceOf<T>>, OptionQuery>;

    /// The members of each group, to be paged through.
    #[pallet::storage]
    pub type GroupMembers<T: Config> =
        StorageDoubleMap<_, Twox64Concat, GroupId, Twox64Concat, MemberId, (), OptionQuery>;

    /// The groups of each member, ascending.
    #[pallet::storage]
    pub type GroupsOf<T: Config> = StorageMap<_, Twox64Concat, MemberId, GroupsOfMember<T>, ValueQuery>;

    /// What happened.
    #[pallet::event]
    #[pallet::generate_deposit(pub(super) fn deposit_event)]
    pub enum Event<T: Config> {
        /// Someone applied for membership.
        Applied {
            /// The applicant.
            member: MemberId,
            /// Who signs for it.
            account: AccountId,
        },
        /// An applicant withdrew.
        Withdrawn {
            /// The former applicant.
            member: MemberId,
        },
        /// The consortium admitted an applicant.
        Admitted {
            /// The new member.
            member: MemberId,
        },
        /// The consortium suspended a member.
        Suspended {
            /// The member.
            member: MemberId,
        },
        /// The consortium reinstated a suspended member.
        Reinstated {
            /// The member.
            member: MemberId,
        },
        /// The consortium removed a member.
        Removed {
            /// The former member.
            member: MemberId,
        },
        /// A member changed its name or address.
        Updated {
            /// The member.
            member: MemberId,
        },
        /// A member's gatekeeper signs with a new key.
        GatekeeperKeyRotated {
            /// The member.
            member: MemberId,
            /// The new key.
            gatekeeper: AccountId,
        },
        /// A member has a new sealing key.
        SealingKeyRotated {
            /// The member.
            member: MemberId,
            /// The new key's index.
            key: SealingKeyId,
        },
        /// A person joined a member's staff.
        StaffAdded {
            /// The person.
            staff: StaffId,
            /// The person's key.
            key: AccountId,
            /// What the person may act as.
            role: StaffRole,
        },
        /// A person on a member's staff has a new key.
        StaffKeyRotated {
            /// The person.
            staff: StaffId,
            /// The new key.
            key: AccountId,
        },
        /// A person left a member's staff.
        StaffRemoved {
            /// The person.
            staff: StaffId,
        },
        /// A group was opened.
        GroupCreated {
            /// The group.
            group: GroupId,
            /// The member that keeps it.
            owner: MemberId,
        },
        /// A group is no more.
        GroupDissolved {
            /// The former group.
            group: GroupId,
        },
        /// A member joined a group.
        AddedToGroup {
            /// The group.
            group: GroupId,
            /// The member.
            member: MemberId,
        },
        /// A member left a group.
        RemovedFromGroup {
            /// The group.
            group: GroupId,
            /// The member.
            member: MemberId,
        },
    }

    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// The account or key is in use, or was: no key is ever used twice. Make a new one.
        KeyUsed,
        /// The name is empty or has characters other than letters, digits, spaces and `.,&'()-`.
        NameMalformed,
        /// Another member holds this name, or one that looks like it.
        NameTaken,
        /// The address is not `https://name[:port][/path]`, with a name and no number of a machine (`http` is for loopback
        /// only).
        UrlMalformed,
        /// A provider needs the address of its gatekeeper.
        UrlMissing,
        /// The sealing key is all zeros.
        SealingKeyMalformed,
        /// There is no such member.
        UnknownMember,
        /// The account does not sign for a member.
        NotAMember,
        /// The member's status does not allow this.
        WrongStatus,
        /// There is nobody with this index on the member's staff.
        UnknownStaff,
        /// The member's staff is as large as it may be.
        TooManyStaff,
        /// The end lies in the past, or further ahead than a staff key may last.
        BadTerm,
        /// There is no such group.
        UnknownGroup,
        /// The account is neither the group's owner nor the consortium.
        NotGroupOwner,
        /// The member is in the group already.
        AlreadyInGroup,
        /// The member is not in the group.
        NotInGroup,
        /// The member is in as many groups as it may be.
        TooManyGroups,
        /// The group has as many members as it may have. Open another one.
        GroupFull,
        /// All identifiers of this kind have been handed out.
        IdsExhausted,
        /// The group has members. Take them out first.
        GroupNotEmpty,
    }

    #[pallet::hooks]
    impl<T: Config> Hooks<BlockNumberFor<T>> for Pallet<T> {
        #[cfg(feature = "try-runtime")]
        fn try_state(_: BlockNumberFor<T>) -> Result<(), sp_runtime::TryRuntimeError> {
            Self::do_try_state()
        }
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Apply for membership. The signing account is the member's account from then on.
        ///
        /// **Who:** anyone whose account no member uses. **Holds:** [`Config::MemberDeposit`].
        ///
        /// ## Parameters
        /// - `role`: what the member will do.
        /// - `name`: its name, unique in normal form.
        /// - `url`: where its gatekeeper answers; required of providers.
        /// - `gatekeeper`: the gatekeeper's key; it may propose relationships and anchor, and is used nowhere else.
        /// - `sealing_key`: X25519 public key that terms are sealed to.
        ///
        /// ## Emits
        /// [`Event::Applied`].
        #[pallet::call_index(0)]
        #[pallet::weight(T::WeightInfo::apply())]
        pub fn apply(
            origin: OriginFor<T>,
            role: MemberRole,
            name: MemberName,
            url: GatekeeperUrl,
            gatekeeper: AccountId,
            sealing_key: [u8; 32],
        ) -> DispatchResult {
            let account = ensure_signed(origin)?;
            Self::do_apply(account, role, name, url, gatekeeper, sealing_key)
        }

        /// Withdraw an application that was not voted on.
        ///
        /// **Who:** the applicant's account. **Releases:** the deposit. The keys stay used.
        ///
        /// ## Emits
        /// [`Event::Withdrawn`].
        #[pallet::call_index(1)]
        #[pallet::weight(T::WeightInfo::withdraw())]
        pub fn withdraw(origin: OriginFor<T>) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_withdraw(id, member)
        }

        /// Change the member's name, or its gatekeeper's address, or both.
        ///
        /// **Who:** the account of an applicant or active member.
        ///
        /// ## Emits
        /// [`Event::Updated`].
        #[pallet::call_index(2)]
        #[pallet::weight(T::WeightInfo::update())]
        pub fn update(
            origin: OriginFor<T>,
            name: Option<MemberName>,
            url: Option<GatekeeperUrl>,
        ) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_update(id, member, name, url)
        }

        /// Give the gatekeeper a new key. The old one signs nothing from then on.
        ///
        /// **Who:** the account of an applicant or active member.
        ///
        /// ## Emits
        /// [`Event::GatekeeperKeyRotated`].
        #[pallet::call_index(3)]
        #[pallet::weight(T::WeightInfo::rotate_gatekeeper_key())]
        pub fn rotate_gatekeeper_key(origin: OriginFor<T>, gatekeeper: AccountId) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_rotate_gatekeeper_key(id, member, gatekeeper)
        }

        /// Publish a new sealing key. What was sealed to older keys stays readable by their holder; nothing new
        /// may be sealed to them.
        ///
        /// **Who:** the account of an active member; at most 255 times.
        ///
        /// ## Emits
        /// [`Event::SealingKeyRotated`].
        #[pallet::call_index(4)]
        #[pallet::weight(T::WeightInfo::rotate_sealing_key())]
        pub fn rotate_sealing_key(origin: OriginFor<T>, public: [u8; 32]) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_rotate_sealing_key(id, member, public)
        }

        /// Put a person on the staff, by a key that is used for this person only.
        ///
        /// The key's account exists from then on, without any balance. An emergency role is active after
        /// [`Config::EmergencyRoleDelay`], the others at once.
        ///
        /// **Who:** the account of an active member. **Holds:** [`Config::StaffDeposit`].
        ///
        /// ## Parameters
        /// - `until`: when the key ends (ms), at most [`Config::MaxStaffTerm`] ahead.
        ///
        /// ## Emits
        /// [`Event::StaffAdded`].
        #[pallet::call_index(5)]
        #[pallet::weight(T::WeightInfo::add_staff())]
        pub fn add_staff(
            origin: OriginFor<T>,
            key: AccountId,
            role: StaffRole,
            until: Moment,
        ) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_add_staff(id, member, key, role, until)
        }

        /// Give a person on the staff a new key. The old one opens nothing from then on. An emergency role waits for
        /// [`Config::EmergencyRoleDelay`] again, as with a new person.
        ///
        /// **Who:** the account of an active member. **Holds:** [`Config::StaffDeposit`] once more, for the old key's
        /// tombstone.
        ///
        /// ## Emits
        /// [`Event::StaffKeyRotated`].
        #[pallet::call_index(6)]
        #[pallet::weight(T::WeightInfo::rotate_staff_key())]
        pub fn rotate_staff_key(
            origin: OriginFor<T>,
            #[pallet::compact] index: u32,
            key: AccountId,
        ) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_rotate_staff_key(id, member, index, key)
        }

        /// Take a person off the staff.
        ///
        /// **Who:** the account of a member in any status: it narrows access, so a suspended member may still do it.
        ///
        /// ## Emits
        /// [`Event::StaffRemoved`].
        #[pallet::call_index(7)]
        #[pallet::weight((T::WeightInfo::remove_staff(), DispatchClass::Operational))]
        pub fn remove_staff(origin: OriginFor<T>, #[pallet::compact] index: u32) -> DispatchResult {
            let (id, _) = Self::ensure_account(origin)?;
            Self::do_remove_staff(id, index)
        }

        /// Admit an applicant.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::Admitted`].
        #[pallet::call_index(8)]
        #[pallet::weight(T::WeightInfo::admit())]
        pub fn admit(origin: OriginFor<T>, #[pallet::compact] member: MemberId) -> DispatchResult {
            T::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_admit(member)
        }

        /// Suspend a member: nothing of it, or for its staff, is permitted until it is reinstated.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::Suspended`].
        #[pallet::call_index(9)]
        #[pallet::weight((T::WeightInfo::suspend(), DispatchClass::Operational))]
        pub fn suspend(origin: OriginFor<T>, #[pallet::compact] member: MemberId) -> DispatchResult {
            T::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_suspend(member)
        }

        /// Reinstate a suspended member.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::Reinstated`].
        #[pallet::call_index(10)]
        #[pallet::weight(T::WeightInfo::reinstate())]
        pub fn reinstate(origin: OriginFor<T>, #[pallet::compact] member: MemberId) -> DispatchResult {
            T::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_reinstate(member)
        }

        /// Remove a member, or turn an applicant down, for good. Its record stays, and so does a member's name; its deposit is
        /// released. The name of an applicant turned down is free again: it may be somebody else's.
        ///
        /// **Who:** the consortium.
        ///
        /// ## Emits
        /// [`Event::Removed`].
        #[pallet::call_index(11)]
        #[pallet::weight((T::WeightInfo::remove(), DispatchClass::Operational))]
        pub fn remove(origin: OriginFor<T>, #[pallet::compact] member: MemberId) -> DispatchResult {
            T::ConsortiumOrigin::ensure_origin(origin)?;
            Self::do_remove(member)
        }

        /// Open a group of members, such as all emergency rooms of a country. The caller's member keeps it.
        ///
        /// **Who:** the account of an active member. **Holds:** [`Config::GroupDeposit`].
        ///
        /// ## Emits
        /// [`Event::GroupCreated`].
        #[pallet::call_index(12)]
        #[pallet::weight(T::WeightInfo::create_group())]
        pub fn create_group(origin: OriginFor<T>, name: GroupName) -> DispatchResult {
            let (id, member) = Self::ensure_account(origin)?;
            Self::do_create_group(id, member, name)
        }

        /// Put a member into a group, which has at most [`MAX_GROUP_MEMBERS`].
        ///
        /// **Who:** the account of the group's active owner, or the consortium.
        ///
        /// ## Emits
        /// [`Event::AddedToGroup`].
        #[pallet::call_index(13)]
        #[pallet::weight(T::WeightInfo::add_to_group())]
        pub fn add_to_group(
            origin: OriginFor<T>,
            #[pallet::compact] group: GroupId,
            #[pallet::compact] member: MemberId,
        ) -> DispatchResult {
            Self::ensure_keeper(origin, group, true)?;
            Self::do_add_to_group(group, member)
        }

        /// Take a member out of a group.
        ///
        /// **Who:** the account of the group's owner in any status, the consortium, or the member itself.
        ///
        /// ## Emits
        /// [`Event::RemovedFromGroup`].
        #[pallet::call_index(14)]
        #[pallet::weight((T::WeightInfo::remove_from_group(), DispatchClass::Operational))]
        pub fn remove_from_group(
            origin: OriginFor<T>,
            #[pallet::compact] group: GroupId,
            #[pallet::compact] member: MemberId,
        ) -> DispatchResult {
            Self::ensure_keeper_or_member(origin, group, member)?;
            Self::do_remove_from_group(group, member)
        }

        /// Dissolve a group that has no members. Its number is given to no other, so that rules about it stay rules about
        /// nobody.
        ///
        /// **Who:** the account of the group's owner in any status, or the consortium. **Releases:** what was held for the
        /// group, to its owner.
        ///
        /// ## Emits
        /// [`Event::GroupDissolved`].
        #[pallet::call_index(15)]
        #[pallet::weight(T::WeightInfo::dissolve_group())]
        pub fn dissolve_group(origin: OriginFor<T>, #[pallet::compact] group: GroupId) -> DispatchResult {
            Self::ensure_keeper(origin, group, false)?;
            Self::do_dissolve_group(group)
        }
    }
}
