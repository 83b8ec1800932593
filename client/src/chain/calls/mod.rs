//! Calls, by pallet. Pallets, calls and arguments are found by name in the metadata that the node serves.

pub mod access;
pub mod balances;
pub mod collators;
pub mod council;
pub mod permissions;
pub mod registry;
pub mod relationships;
pub mod research;
pub mod upgrade;

use codec::Encode;
use subxt::{
    ext::{
        scale_encode::{self, EncodeAsFields, EncodeAsType},
        scale_type_resolver::{FieldIter, TypeResolver},
    },
    tx::Payload,
};

/// A call, not yet encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pallet: &'static str,
    name: &'static str,
    arguments: Arguments,
}

/// The arguments of a call in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments(Vec<(&'static str, Argument)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    /// Encoded as wide, and as compact, as the metadata says.
    Number(u128),
    /// SCALE already.
    Scale(Vec<u8>),
}

impl Call {
    fn new(pallet: &'static str, name: &'static str) -> Self {
        Self { pallet, name, arguments: Arguments::default() }
    }

    fn number(mut self, name: &'static str, value: impl Into<u128>) -> Self {
        self.arguments.0.push((name, Argument::Number(value.into())));
        self
    }

    fn scale(mut self, name: &'static str, value: impl Encode) -> Self {
        self.arguments.0.push((name, Argument::Scale(value.encode())));
        self
    }

    fn encoded(mut self, name: &'static str, bytes: &[u8]) -> Self {
        self.arguments.0.push((name, Argument::Scale(bytes.to_vec())));
        self
    }

    /// `Pallet.call`, as wallets show it.
    pub fn title(&self) -> String {
        format!("{}.{}", self.pallet, self.name)
    }
}

impl Payload for Call {
    type CallData = Arguments;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Arguments {
        &self.arguments
    }
}

impl EncodeAsFields for Arguments {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        fields: &mut dyn FieldIter<'_, R::TypeId>,
        types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), scale_encode::Error> {
        let fields: Vec<_> = fields.collect();
        let same = fields.len() == self.0.len()
            && fields.iter().zip(&self.0).all(|(field, (name, _))| field.name == Some(*name));
        if !same {
            let theirs: Vec<_> = fields.iter().map(|field| field.name.unwrap_or("_")).collect();
            let ours: Vec<_> = self.0.iter().map(|(name, _)| *name).collect();
            let words = format!("it takes ({}), not ({})", theirs.join(", "), ours.join(", "));
            return Err(scale_encode::Error::custom_string(words));
        }
        for (field, (_, argument)) in fields.into_iter().zip(&self.0) {
            match argument {
                Argument::Number(value) => value.encode_as_type_to(field.id, types, out)?,
                Argument::Scale(bytes) => out.extend_from_slice(bytes),
            }
        }
        Ok(())
    }
}
