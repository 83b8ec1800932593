use codec::{Compact, Encode};
use medrec_primitives::{
    Custodian, CustodianRights, GrantTerms, RelationshipId, RequestId, SealedTerms, TicketDigest, Viewer,
    TERMS_PLAINTEXT_BYTES,
};
use scale_info::{MetaType, PortableRegistry, Registry, TypeInfo};
use sp_core::crypto::Ss58Codec;
use subxt::{
    ext::{scale_encode::EncodeAsFields, scale_type_resolver::Field},
    tx::Payload,
};

use crate::chain::{
    calls::{self, balances::deposit_account},
    events::{Event, Granted, Revoked},
    storage_key, Call,
};

/// The call's arguments as a runtime whose arguments are the fields of `T` would take them.
fn encoded<T: TypeInfo + 'static>(call: &Call) -> Result<Vec<u8>, String> {
    let mut registry = Registry::new();
    let id = registry.register_type(&MetaType::new::<T>()).id;
    let types: PortableRegistry = registry.into();
    let scale_info::TypeDef::Composite(composite) = &types.resolve(id).unwrap().type_def else {
        panic!("not a struct")
    };
    let mut fields = composite.fields.iter().map(|field| Field::new(field.ty.id, field.name.as_deref()));
    call.call_data().encode_as_fields(&mut fields, &types).map_err(|error| error.to_string())
}

#[test]
fn numbers_should_be_as_wide_as_the_runtime_says_when_encoded() {
    #[derive(TypeInfo)]
    struct WithCompact {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[codec(compact)]
        #[allow(dead_code)]
        grant: u32,
    }
    #[derive(TypeInfo)]
    struct Plain {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        grant: u32,
    }
    let id = RelationshipId::new(3, 17);
    let revoke = calls::permissions::revoke(id, 5);
    assert_eq!(encoded::<WithCompact>(&revoke).unwrap(), (id, Compact(5u32)).encode());
    assert_eq!(encoded::<Plain>(&revoke).unwrap(), (id, 5u32).encode());
    assert_eq!(revoke.title(), "Permissions.revoke");
}

#[test]
fn call_should_be_refused_when_the_runtime_takes_other_arguments() {
    #[derive(TypeInfo)]
    struct Renamed {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        rule: u32,
    }
    #[derive(TypeInfo)]
    struct Longer {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        grant: u32,
        #[allow(dead_code)]
        reason: u8,
    }
    let revoke = calls::permissions::revoke(RelationshipId::new(0, 0), 5);
    for refused in [encoded::<Renamed>(&revoke), encoded::<Longer>(&revoke)] {
        let words = refused.unwrap_err();
        assert!(words.contains("not (relationship, grant)"), "{words}");
    }
}

#[test]
fn number_should_be_refused_when_it_does_not_fit() {
    #[derive(TypeInfo)]
    struct Narrow {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        grant: u8,
    }
    assert!(encoded::<Narrow>(&calls::permissions::revoke(RelationshipId::new(0, 0), 256)).is_err());
}

#[test]
fn grant_should_hold_its_arguments_in_order_when_encoded() {
    #[derive(TypeInfo)]
    struct Grant {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        viewer: Viewer,
        #[allow(dead_code)]
        terms: GrantTerms,
        #[allow(dead_code)]
        not_before: Option<u64>,
        #[allow(dead_code)]
        not_after: Option<u64>,
        #[allow(dead_code)]
        may_share: bool,
    }
    let (id, viewer, terms) = (RelationshipId::new(1, 2), Viewer::Member(7), GrantTerms::Everything);
    let call = calls::permissions::grant(id, &viewer, &terms, None, Some(9), true);
    assert_eq!(encoded::<Grant>(&call).unwrap(), (id, viewer, terms, None::<u64>, Some(9u64), true).encode());
}

#[test]
fn event_should_be_read_when_of_the_kind_asked_for() {
    let fields = (RelationshipId::new(1, 2), 3u32, Viewer::Group(4)).encode();
    let event = Event { pallet: "Permissions".into(), name: "Granted".into(), fields };
    let granted = event.as_kind::<Granted>().unwrap().unwrap();
    assert_eq!((granted.relationship, granted.grant), (RelationshipId::new(1, 2), 3));
    assert!(event.as_kind::<Revoked>().is_none());
    let longer = Event { fields: [event.fields.as_slice(), &[0]].concat(), ..event };
    assert!(longer.as_kind::<Granted>().unwrap().is_err());
}

/// The first is the well-known key of `System.Account`; the second account was derived by hand: `modl`, the pallet's
/// identifier, the member's number, zeros.
#[test]
fn keys_and_accounts_should_be_these_when_derived() {
    assert_eq!(
        hex::encode(storage_key("System", "Account")),
        "26aa394eea5630e07c48ae0c9558cef7b99d880ec681799c0cf30e8886371da9"
    );
    let account = deposit_account(0x0102);
    let bytes: &[u8] = account.as_ref();
    assert_eq!(bytes, [b"modlmdr/depo".as_slice(), &[2, 1, 0, 0], &[0; 16]].concat());
    assert_eq!(account.to_ss58check().len(), 48);
}

#[test]
fn custodians_should_be_a_list_when_encoded() {
    #[derive(TypeInfo)]
    struct SetCustodians {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        custodians: Vec<Custodian>,
    }
    let id = RelationshipId::new(1, 2);
    let key = medrec_primitives::AccountId::new([7; 32]);
    let list = vec![Custodian { key, rights: CustodianRights::READ, not_before: 5, not_after: Some(9) }];
    let call = calls::relationships::set_custodians(id, &list);
    assert_eq!(encoded::<SetCustodians>(&call).unwrap(), (id, list).encode());
    assert_eq!(call.title(), "Relationships.set_custodians");
}

#[test]
fn ticket_should_be_optional_when_a_rekey_is_encoded() {
    #[derive(TypeInfo)]
    struct RequestRekey {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        lost: medrec_primitives::AccountId,
        #[allow(dead_code)]
        key: medrec_primitives::AccountId,
        #[allow(dead_code)]
        ticket: Option<TicketDigest>,
    }
    let id = RelationshipId::new(1, 2);
    let [lost, key] = [6, 7].map(|byte| medrec_primitives::AccountId::new([byte; 32]));
    for ticket in [None, Some([3; 16])] {
        let call = calls::relationships::request_rekey(id, &lost, &key, ticket);
        assert_eq!(encoded::<RequestRekey>(&call).unwrap(), (id, lost.clone(), key.clone(), ticket).encode());
    }
}

#[test]
fn calls_of_requests_should_be_encoded_in_the_order_that_the_pallet_takes() {
    #[derive(TypeInfo)]
    struct Request {
        #[allow(dead_code)]
        relationship: RelationshipId,
        #[allow(dead_code)]
        question: SealedTerms,
        #[allow(dead_code)]
        expires: u64,
    }
    #[derive(TypeInfo)]
    struct About {
        #[allow(dead_code)]
        request: RequestId,
    }
    let (id, relationship) = (RequestId::new(3, 70), RelationshipId::new(3, 17));
    let question = SealedTerms {
        key: 1,
        enc: [2; 32],
        ciphertext: [3; TERMS_PLAINTEXT_BYTES + 16],
        commitment: [4; 32],
    };
    let request = calls::access::request(relationship, &question, 9);
    assert_eq!(encoded::<Request>(&request).unwrap(), (relationship, &question, 9u64).encode());
    for call in [calls::access::approve(id), calls::access::decline(id), calls::access::cancel(id)] {
        assert_eq!(encoded::<About>(&call).unwrap(), id.encode());
    }
}
