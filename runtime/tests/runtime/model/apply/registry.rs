//! Members, their keys, their staff, groups.

use frame_support::ensure;
use medrec_primitives::{
    GatekeeperUrl, Member, MemberId, MemberRole, MemberStatus, SealingKey, Staff, StaffId, StaffRole, DAY_MS,
};
use medrec_runtime::{AccountId, Balance, Runtime};
use pallet_registry::{Call, Config};
use sp_runtime::{DispatchError, DispatchResult, TokenError};

use super::Origin;
use crate::model::world::{Group, Held, Use, World};

type Error = pallet_registry::Error<Runtime>;

/// In how many groups a member may be.
const MAX_GROUPS: usize = 32;

impl World {
    pub(super) fn registry(&mut self, origin: &Origin, call: &Call<Runtime>) -> DispatchResult {
        match call {
            Call::admit { member } => {
                origin.ensure_consortium()?;
                self.change_status(*member, &[MemberStatus::Applied], MemberStatus::Active)
            }
            Call::suspend { member } => {
                origin.ensure_consortium()?;
                self.change_status(*member, &[MemberStatus::Active], MemberStatus::Suspended)
            }
            Call::reinstate { member } => {
                origin.ensure_consortium()?;
                self.change_status(*member, &[MemberStatus::Suspended], MemberStatus::Active)
            }
            Call::remove { member } => {
                origin.ensure_consortium()?;
                let from = [MemberStatus::Applied, MemberStatus::Active, MemberStatus::Suspended];
                let applied = self.members.get(member).is_some_and(|m| m.status == MemberStatus::Applied);
                self.change_status(*member, &from, MemberStatus::Removed)?;
                if applied {
                    self.names.remove(&normal_form(&self.members[member].name));
                }
                let account = self.members[member].account.clone();
                self.held.entry(account).or_default().member = 0;
                Ok(())
            }
            Call::add_to_group { group, member } => {
                self.ensure_keeper(origin, *group, true)?;
                self.add_to_group(*group, *member)
            }
            Call::remove_from_group { group, member } => {
                let itself =
                    origin.signed().and_then(|who| self.member_of_account(who)).ok() == Some(*member);
                if !itself {
                    self.ensure_keeper(origin, *group, false)?;
                }
                let group = self.groups.get_mut(group).ok_or(Error::NotInGroup)?;
                ensure!(group.members.remove(member), Error::NotInGroup);
                Ok(())
            }
            Call::dissolve_group { group } => {
                self.ensure_keeper(origin, *group, false)?;
                let record = self.groups.get(group).ok_or(Error::UnknownGroup)?;
                ensure!(record.members.is_empty(), Error::GroupNotEmpty);
                let owner = self.members.get(&record.owner).ok_or(Error::UnknownMember)?.account.clone();
                self.held.entry(owner).or_default().group -= <Runtime as Config>::GroupDeposit::get();
                self.groups.remove(group);
                Ok(())
            }
            Call::apply { role, name, url, gatekeeper, sealing_key } => {
                let account = origin.signed()?.clone();
                self.ensure_fresh(&account)?;
                self.ensure_fresh(gatekeeper)?;
                ensure!(account != *gatekeeper, Error::KeyUsed);
                ensure!(*sealing_key != [0; 32], Error::SealingKeyMalformed);
                ensure_url(*role, url)?;
                let normal = self.ensure_name(name, None)?;
                let deposit = <Runtime as Config>::MemberDeposit::get();
                self.hold(&account, deposit, |held| &mut held.member)?;
                let id = self.next_member;
                self.next_member += 1;
                self.names.insert(normal, id);
                self.used.insert(account.clone(), Use::Account(id));
                self.used.insert(gatekeeper.clone(), Use::Gatekeeper(id));
                let key = SealingKey { public: *sealing_key, not_before: self.now, not_after: None };
                self.sealing_keys.insert((id, 0), key);
                let member = Member {
                    role: *role,
                    status: MemberStatus::Applied,
                    account,
                    name: name.clone(),
                    url: url.clone(),
                    gatekeeper: gatekeeper.clone(),
                    sealing_key: 0,
                    next_staff: 0,
                };
                self.members.insert(id, member);
                Ok(())
            }
            own => {
                let id = self.member_of_account(origin.signed()?)?;
                self.own(id, own)
            }
        }
    }

    /// What a member's account does for the member.
    fn own(&mut self, id: MemberId, call: &Call<Runtime>) -> DispatchResult {
        let member = self.members.get(&id).cloned().ok_or(Error::UnknownMember)?;
        let standing = matches!(member.status, MemberStatus::Applied | MemberStatus::Active);
        let active = member.status == MemberStatus::Active;
        match call {
            Call::withdraw {} => {
                ensure!(member.status == MemberStatus::Applied, Error::WrongStatus);
                self.held.entry(member.account.clone()).or_default().member = 0;
                self.names.remove(&normal_form(&member.name));
                self.used.insert(member.account, Use::Former);
                self.used.insert(member.gatekeeper, Use::Former);
                self.sealing_keys.retain(|(of, _), _| *of != id);
                self.members.remove(&id);
            }
            Call::update { name, url } => {
                ensure!(standing, Error::WrongStatus);
                if let Some(url) = url {
                    ensure_url(member.role, url)?;
                }
                if let Some(name) = name {
                    let normal = self.ensure_name(name, Some(id))?;
                    self.names.remove(&normal_form(&member.name));
                    self.names.insert(normal, id);
                }
                let record = self.members.get_mut(&id).ok_or(Error::UnknownMember)?;
                record.url = url.clone().unwrap_or(member.url);
                record.name = name.clone().unwrap_or(member.name);
            }
            Call::rotate_gatekeeper_key { gatekeeper } => {
                ensure!(standing, Error::WrongStatus);
                self.ensure_fresh(gatekeeper)?;
                self.used.insert(member.gatekeeper, Use::Former);
                self.used.insert(gatekeeper.clone(), Use::Gatekeeper(id));
                self.members.get_mut(&id).ok_or(Error::UnknownMember)?.gatekeeper = gatekeeper.clone();
            }
            Call::rotate_sealing_key { public } => {
                ensure!(active, Error::WrongStatus);
                ensure!(*public != [0; 32], Error::SealingKeyMalformed);
                let key = member.sealing_key.checked_add(1).ok_or(Error::IdsExhausted)?;
                let now = self.now;
                if let Some(old) = self.sealing_keys.get_mut(&(id, member.sealing_key)) {
                    old.not_after = Some(now);
                }
                self.sealing_keys
                    .insert((id, key), SealingKey { public: *public, not_before: now, not_after: None });
                self.members.get_mut(&id).ok_or(Error::UnknownMember)?.sealing_key = key;
            }
            Call::add_staff { key, role, until } => {
                ensure!(active, Error::WrongStatus);
                self.ensure_fresh(key)?;
                let from = self.starts(*role);
                ensure!(from < *until && *until <= self.now + 731 * DAY_MS, Error::BadTerm);
                let staff = StaffId::new(id, member.next_staff);
                self.open_staff_key(&member.account, staff, key)?;
                self.members.get_mut(&id).ok_or(Error::UnknownMember)?.next_staff += 1;
                self.staff.insert(staff, Staff { key: key.clone(), role: *role, from, until: *until });
            }
            Call::rotate_staff_key { index, key } => {
                ensure!(active, Error::WrongStatus);
                self.ensure_fresh(key)?;
                let staff = StaffId::new(id, *index);
                let mut record = self.staff.get(&staff).cloned().ok_or(Error::UnknownStaff)?;
                if record.role == StaffRole::Emergency {
                    record.from = self.starts(record.role);
                    ensure!(record.from < record.until, Error::BadTerm);
                }
                self.open_staff_key(&member.account, staff, key)?;
                self.staff.insert(staff, Staff { key: key.clone(), ..record });
            }
            Call::remove_staff { index } => {
                self.staff.remove(&StaffId::new(id, *index)).ok_or(Error::UnknownStaff)?;
            }
            Call::create_group { name } => {
                ensure!(active, Error::WrongStatus);
                ensure!(is_name(name), Error::NameMalformed);
                let deposit = <Runtime as Config>::GroupDeposit::get();
                self.hold(&member.account, deposit, |held| &mut held.group)?;
                self.groups.insert(self.next_group, Group { owner: id, members: Default::default() });
                self.next_group += 1;
            }
            other => unreachable!("not a member's own call: {other:?}"),
        }
        Ok(())
    }

    fn open_staff_key(&mut self, account: &AccountId, staff: StaffId, key: &AccountId) -> DispatchResult {
        let deposit = <Runtime as Config>::StaffDeposit::get();
        self.hold(account, deposit, |held| &mut held.staff)?;
        self.used.insert(key.clone(), Use::Staff(staff));
        Ok(())
    }

    fn hold(
        &mut self,
        account: &AccountId,
        amount: Balance,
        of: impl Fn(&mut Held) -> &mut Balance,
    ) -> DispatchResult {
        ensure!(!self.poor.contains(account), TokenError::FundsUnavailable);
        *of(self.held.entry(account.clone()).or_default()) += amount;
        Ok(())
    }

    fn change_status(&mut self, id: MemberId, from: &[MemberStatus], to: MemberStatus) -> DispatchResult {
        let member = self.members.get_mut(&id).ok_or(Error::UnknownMember)?;
        ensure!(from.contains(&member.status), Error::WrongStatus);
        member.status = to;
        Ok(())
    }

    fn ensure_keeper(&self, origin: &Origin, group: u32, active: bool) -> DispatchResult {
        if *origin == Origin::Consortium {
            return Ok(());
        }
        let id = self.member_of_account(origin.signed()?)?;
        let group = self.groups.get(&group).ok_or(Error::UnknownGroup)?;
        ensure!(group.owner == id, Error::NotGroupOwner);
        ensure!(!active || self.member_status(id) == MemberStatus::Active, Error::WrongStatus);
        Ok(())
    }

    fn add_to_group(&mut self, group: u32, member: MemberId) -> DispatchResult {
        ensure!(self.groups.contains_key(&group), Error::UnknownGroup);
        ensure!(self.members.contains_key(&member), Error::UnknownMember);
        ensure!(self.member_status(member) == MemberStatus::Active, Error::WrongStatus);
        let groups = self.groups_of(member);
        ensure!(!groups.contains(&group), Error::AlreadyInGroup);
        ensure!(groups.len() < MAX_GROUPS, Error::TooManyGroups);
        self.groups.get_mut(&group).ok_or(Error::UnknownGroup)?.members.insert(member);
        Ok(())
    }

    /// The normal form of a name that nobody but `holder` has.
    fn ensure_name(&self, name: &[u8], holder: Option<MemberId>) -> Result<String, DispatchError> {
        ensure!(is_name(name), Error::NameMalformed);
        let normal = normal_form(name);
        ensure!(self.names.get(&normal).is_none_or(|of| Some(*of) == holder), Error::NameTaken);
        Ok(normal)
    }
}

fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b' ')
}

/// Look-alikes have the same form.
pub fn normal_form(name: &[u8]) -> String {
    let folded = name.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(|byte| {
        match char::from(byte.to_ascii_lowercase()) {
            '0' => 'o',
            '1' | 'i' => 'l',
            '5' => 's',
            other => other,
        }
    });
    folded.collect::<String>().replace("rn", "m").replace("vv", "w").replace("cl", "d")
}

fn ensure_url(role: MemberRole, url: &GatekeeperUrl) -> DispatchResult {
    if url.is_empty() {
        ensure!(role != MemberRole::Provider, Error::UrlMissing);
    } else {
        ensure!(url.starts_with(b"https://"), Error::UrlMalformed);
    }
    Ok(())
}
