//! Batches, proxies, multisignatures.

use frame_support::{parameter_types, traits::ConstU32};
use sp_runtime::traits::BlakeTwo256;

use super::proxies::ProxyType;
use crate::{
    constants::deposit, Balance, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System,
};

parameter_types! {
    /// Held for an account's list of proxies (plancks): one item of 8 bytes.
    pub const ProxyDepositBase: Balance = deposit(1, 8);
    /// Held for each proxy (plancks): key, type, delay.
    pub const ProxyDepositFactor: Balance = deposit(0, 37);
    /// Held for a list of announcements (plancks).
    pub const AnnouncementDepositBase: Balance = deposit(1, 8);
    /// Held for each announcement (plancks): key, hash, block.
    pub const AnnouncementDepositFactor: Balance = deposit(0, 68);
    /// Held for an open multisignature operation (plancks): one item of 88 bytes.
    pub const MultisigDepositBase: Balance = deposit(1, 88);
    /// Held for each signatory of it (plancks).
    pub const MultisigDepositFactor: Balance = deposit(0, 32);
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Self>;
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ProxyDepositBase;
    type ProxyDepositFactor = ProxyDepositFactor;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Self>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = AnnouncementDepositBase;
    type AnnouncementDepositFactor = AnnouncementDepositFactor;
    type BlockNumberProvider = System;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = MultisigDepositBase;
    type DepositFactor = MultisigDepositFactor;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Self>;
    type BlockNumberProvider = System;
}
