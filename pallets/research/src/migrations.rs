//! What became of storage, version by version.

use core::marker::PhantomData;

use frame_support::{
    migrations::{MigrationId, SteppedMigration, SteppedMigrationError},
    traits::{GetStorageVersion, StorageVersion},
    weights::WeightMeter,
};
use medrec_primitives::AccountId;

use crate::{CollatorStatus, Collators, Config, Pallet, WeightInfo};

/// From version 1 to 2: registrations that nobody approved are forgotten. Until then a researcher could register somebody else's
/// collator and so keep its researcher from doing so; now the collator's own account has a say. Those that the consortium had
/// approved by vote stay.
///
/// Over several blocks, since nothing but the number of researchers bounds how many there are.
pub struct AcceptedCollators<T>(PhantomData<T>);

impl<T: Config> AcceptedCollators<T> {
    /// Looks at the collator after `last`, or the first one. `None` when there is no further one.
    pub(crate) fn forget_next(last: Option<AccountId>) -> Option<AccountId> {
        let mut rest = match last {
            Some(last) => Collators::<T>::iter_from(Collators::<T>::hashed_key_for(last)),
            None => Collators::<T>::iter(),
        };
        let (key, collator) = rest.next()?;
        if collator.status == CollatorStatus::Registered {
            // It is there, and whoever removes has no owner to be.
            let _ = Pallet::<T>::do_remove_collator(None, key.clone());
        }
        Some(key)
    }

    /// What must not change: how many collators are approved.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn before() -> u32 {
        crate::ApprovedCollators::<T>::get()
    }

    /// Whether all is as it should be once the migration is through.
    #[cfg(any(test, feature = "try-runtime"))]
    pub(crate) fn check(before: u32) -> Result<(), sp_runtime::TryRuntimeError> {
        use frame_support::ensure;

        ensure!(Pallet::<T>::on_chain_storage_version() == 2, "the version was not raised");
        let mut approved = 0u32;
        for (_, collator) in Collators::<T>::iter() {
            ensure!(collator.status != CollatorStatus::Registered, "a registration without consent is left");
            approved = approved.saturating_add((collator.status == CollatorStatus::Approved).into());
        }
        ensure!(approved == before, "an approved collator was lost");
        Pallet::<T>::do_try_state()
    }
}

impl<T: Config> SteppedMigration for AcceptedCollators<T> {
    type Cursor = AccountId;
    type Identifier = MigrationId<15>;

    fn id() -> Self::Identifier {
        MigrationId { pallet_id: *b"pallet-research", version_from: 1, version_to: 2 }
    }

    fn step(
        mut cursor: Option<Self::Cursor>,
        meter: &mut WeightMeter,
    ) -> Result<Option<Self::Cursor>, SteppedMigrationError> {
        if Pallet::<T>::on_chain_storage_version() != 1 {
            return Ok(None);
        }
        let required = <T as Config>::WeightInfo::forget_collator();
        if meter.try_consume(required).is_err() {
            return Err(SteppedMigrationError::InsufficientWeight { required });
        }
        loop {
            cursor = Self::forget_next(cursor);
            if cursor.is_none() {
                StorageVersion::new(2).put::<Pallet<T>>();
                return Ok(None);
            }
            if meter.try_consume(required).is_err() {
                return Ok(cursor);
            }
        }
    }

    #[cfg(feature = "try-runtime")]
    fn pre_upgrade() -> Result<alloc::vec::Vec<u8>, sp_runtime::TryRuntimeError> {
        use codec::Encode;

        Ok(Self::before().encode())
    }

    #[cfg(feature = "try-runtime")]
    fn post_upgrade(before: alloc::vec::Vec<u8>) -> Result<(), sp_runtime::TryRuntimeError> {
        use codec::Decode;

        let before = u32::decode(&mut before.as_slice()).map_err(|_| "what was noted before decodes")?;
        Self::check(before)
    }
}
